// @ts-check
/// <reference path="../types.d.ts" />

/**
 * Finds the kernel of a table by the notebook it is in, and opens a channel to it.
 * @param {NotebookTracker} tracker
 * @returns {Connect}
 */
export function connector(tracker) {
  return async root => {
    const kernel = tracker.find(panel => panel.node.contains(root))?.sessionContext.session?.kernel;
    return kernel && !kernel.isDisposed ? new Channel(kernel, root.dataset.kadaliTable ?? '') : null;
  };
}

/** Questions about one table, and their answers. */
class Channel {
  /** @type {Map<number, { answer: (data: Answer) => void, fail: (error: Error) => void, onProgress?: (rows: number) => void }>} */
  #asked = new Map();
  #last = 0;
  #comm;

  /**
   * @param {Kernel} kernel
   * @param {string} table
   */
  constructor(kernel, table) {
    this.open = true;
    this.#comm = kernel.createComm('kadali.table');
    this.#comm.onMsg = message => this.#receive(message);
    this.#comm.onClose = message => this.#end(message.content?.data?.error ?? 'The kernel has closed the table: run the cell again.');
    kernel.statusChanged.connect((_, status) => {
      if (['restarting', 'autorestarting', 'dead', 'terminating'].includes(status)) this.#end('The kernel has ended: run the cell again.');
    });
    kernel.disposed.connect(() => this.#end('The notebook has another kernel now: run the cell again.'));
    this.#comm.open({ table });
  }

  /**
   * @param {Record<string, unknown>} body
   * @param {(rows: number) => void} [onProgress]
   * @returns {Promise<Answer>}
   */
  ask(body, onProgress) {
    return new Promise((answer, fail) => {
      if (!this.open) {
        fail(new Error('The kernel of this table has ended: run the cell again.'));
        return;
      }
      const request = ++this.#last;
      this.#asked.set(request, { answer, fail, onProgress });
      this.#comm.send({ ...body, request });
    });
  }

  /** @param {CommMessage} message */
  #receive(message) {
    const data = message.content.data;
    const asked = this.#asked.get(data.request);
    if (data.progress !== undefined) {
      asked?.onProgress?.(data.progress);
      return;
    }
    this.#asked.delete(data.request);
    if (data.error) asked?.fail(new Error(data.error));
    else asked?.answer({ ...data, buffers: message.buffers ?? [] });
  }

  /** @param {string} why */
  #end(why) {
    this.open = false;
    for (const { fail } of this.#asked.values()) fail(new Error(why));
    this.#asked.clear();
  }
}
