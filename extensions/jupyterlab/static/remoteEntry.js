// @ts-check
// The extension as JupyterLab 4 and Notebook 7 load it: a module-federation container, written by hand so that installing it is copying a
// folder.
/// <reference path="../types.d.ts" />
(() => {
  const own = /** @type {HTMLScriptElement} */ (document.currentScript).src;
  /** @type {ShareScope} */
  let shared = {};

  /**
   * The newest version of a package that the lab shares.
   * @param {string} name
   */
  async function take(name) {
    const versions = shared[name] ?? {};
    const newest = Object.keys(versions).sort((one, other) => one.localeCompare(other, undefined, { numeric: true })).pop();
    if (newest === undefined) throw new Error(`JupyterLab does not share ${name}.`);
    return (await versions[newest].get())();
  }

  /**
   * The script and the style of tables, as they are in notebooks that were made without this extension.
   * @returns {Promise<void>}
   */
  function assets() {
    const at = own.replace(/[^/]*$/, '');
    document.head.append(Object.assign(document.createElement('link'), { rel: 'stylesheet', href: `${at}table.css` }));
    return new Promise((done, failed) => {
      document.head.append(Object.assign(document.createElement('script'), {
        src: `${at}table.js`, onload: () => done(), onerror: () => failed(new Error('The script of Kadali tables could not be read.')),
      }));
    });
  }

  const container = {
    /** @param {ShareScope} scope */
    init: scope => { shared = scope; },
    /** @param {string} module */
    get: async module => {
      if (module !== './extension') throw new Error(`There is no module ${module} in @kadali/jupyterlab.`);
      const [{ INotebookTracker }, { connector }] = await Promise.all([
        take('@jupyterlab/notebook'), import(`${own.replace(/[^/]*$/, '')}channel.js`),
      ]);
      /** @type {LabPlugin} */
      const plugin = {
        id: '@kadali/jupyterlab:tables',
        description: 'Connects tables in outputs to the kernel that made them.',
        autoStart: true,
        requires: [INotebookTracker],
        activate: async (_, tracker) => {
          await assets();
          window.kadaliTables?.attach(connector(tracker));
        },
      };
      return () => ({ __esModule: true, default: plugin });
    },
  };
  (window._JUPYTERLAB ??= {})['@kadali/jupyterlab'] = container;
})();
