// JupyterLab from the Jupyter root folder with the kernel in it, and headless Chromium in front of it.
//   KADALI_RIG       the folder of the rig's scripts
//   KADALI_RIG_ROOT  the root folder that jupyter-chroot.sh made
//   KADALI_RIG_BIND  what is bound into it (the program, its kernelspec)
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const repository = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');
const panel = '.jp-NotebookPanel:not(.lm-mod-hidden)';

export async function startLab() {
  const folder = mkdtempSync(join(tmpdir(), 'kadali-lab-'));
  const work = join(folder, 'work');
  const settings = join(folder, 'settings');
  cpSync(join(repository, 'notebooks'), work, { recursive: true });
  // All cells stay in the page, so that a test can look at each without scrolling.
  mkdirSync(join(settings, '@jupyterlab/notebook-extension'), { recursive: true });
  writeFileSync(join(settings, '@jupyterlab/notebook-extension/tracker.jupyterlab-settings'), '{"windowingMode": "none"}');
  const port = await freePort();
  const server = spawn(join(process.env.KADALI_RIG, 'jupyter-chroot.sh'), ['lab', process.env.KADALI_RIG_ROOT, String(port), work], {
    env: { ...process.env, RIG_BIND: `${process.env.KADALI_RIG_BIND} ${settings}:/root/.jupyter/lab/user-settings` },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  await new Promise((ready, failed) => {
    server.stderr.on('data', text => {
      log += text;
      if (log.includes('is running at')) ready();
    });
    server.on('exit', code => failed(new Error(`JupyterLab ended with ${code}: ${log.slice(-2000)}`)));
  });
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync',
    ],
  });
  return {
    work,
    open: (name, options) => Notebook.open(browser, port, `/lab/workspaces/${workspace()}/tree/${name}`, options),
    inNotebook7: (name, act) => inNotebook7(browser, port, name, act),
    launcher: () => launcher(browser, port),
    close: async () => {
      await browser.close();
      server.removeAllListeners('exit');
      const ended = new Promise(done => server.on('exit', done));
      server.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

// Does something with a notebook in Notebook 7. The colours of Notebook 7.4's toolkit (FAST's design tokens) notify each other too deep while a
// page loads: most pages complain of it a few times, now and then one does without end and is lost. Only such a page is opened again.
async function inNotebook7(browser, port, name, act) {
  for (let tries = 6; ; tries--) {
    const context = await browser.newContext();
    let lost = () => {};
    let complaints = 0;
    const runaway = new Promise((_, failed) => { lost = failed; });
    context.on('console', message => {
      if (message.text().includes('Maximum call stack size exceeded') && message.location().url.includes('/static/notebook/')) {
        if (++complaints > 200) lost(new LostPage());
      }
    });
    try {
      const done = Notebook.open(context, port, `/notebooks/${name}`).then(async notebook => {
        await act(notebook);
        return notebook;
      });
      return await Promise.race([done, runaway]);
    } catch (error) {
      if (!(error instanceof LostPage) || tries === 1) throw error;
      await context.close();
    }
  }
}

class LostPage extends Error {
  constructor() {
    super('Notebook 7 lost itself in the colours of its toolkit.');
  }
}

// One notebook in a workspace of its own.
export class Notebook {
  constructor(page, port) {
    this.page = page;
    this.port = port;
    this.requests = [];
    this.complaints = [];
  }

  static async open(browser, port, address, { width = 1400, height = 900 } = {}) {
    const page = await browser.newPage({ viewport: { width, height } });
    page.setDefaultTimeout(30_000);
    const notebook = new Notebook(page, port);
    page.on('request', request => notebook.requests.push(request.url()));
    page.on('websocket', socket => notebook.requests.push(socket.url()));
    page.on('pageerror', error => notebook.complaints.push(String(error)));
    // "Idle" is no sign: the lab says so before its socket to the kernel is open, and drops what is sent in that gap. It is ready when
    // the kernel has told about itself over that socket and nothing more has come for a second.
    const answered = new Promise(done => page.on('websocket', socket => {
      let quiet;
      if (socket.url().includes('/channels')) {
        socket.on('framereceived', frame => {
          if (quiet || Buffer.from(frame.payload).includes('kernel_info_reply')) {
            clearTimeout(quiet);
            quiet = setTimeout(done, 1000);
          }
        });
      }
    }));
    await page.goto(`http://127.0.0.1:${port}${address}?token=test`, { waitUntil: 'domcontentloaded' });
    await page.waitForSelector('#jupyterlab-splash', { state: 'detached' });
    await page.waitForSelector(panel);
    await answered;
    await page.waitForSelector(`${panel} .jp-Notebook-ExecutionIndicator[data-status="idle"]`, { state: 'attached' });
    return notebook;
  }

  cells() {
    return this.page.locator(`${panel} .jp-CodeCell`);
  }

  async menu(...names) {
    const [bar, ...items] = names;
    await this.page.locator('#jp-MainMenu .lm-MenuBar-item').filter({ hasText: new RegExp(`^${bar}$`) }).click();
    for (const item of items) {
      const label = this.page.locator('.lm-Menu-itemLabel').filter({ hasText: new RegExp(`^${item}`) });
      await this.page.locator('.lm-Menu-item').filter({ has: label }).last().click();
    }
  }

  // Runs all and waits until each cell with code has its number.
  async runAll() {
    await this.menu('Run', 'Run All Cells');
    const cells = this.cells();
    for (let i = 0; i < await cells.count(); i++) {
      if ((await cells.nth(i).locator('.cm-content').innerText()).trim()) {
        await cells.nth(i).locator('.jp-InputPrompt').filter({ hasText: /\[\d+\]/ }).waitFor();
      }
    }
  }

  // What the page asked for outside this machine.
  strayRequests() {
    return this.requests.filter(url => !/^(https?|ws):\/\/127\.0\.0\.1[:/]|^data:|^blob:/.test(url));
  }

  outputs() {
    return this.page.locator(`${panel} .jp-OutputArea-output`);
  }

  button(command) {
    return this.page.locator(`${panel} [data-jp-item-name="${command}"]`);
  }

  // Puts code into the last cell; gives the cell.
  async type(code) {
    const cell = this.cells().last();
    await cell.locator('.cm-content').click();
    await this.page.keyboard.press('Control+A');
    await this.page.keyboard.insertText(code);
    return cell;
  }

  // Starts the last cell. What the lab drops while its socket opens leaves the prompt empty: then the key is pressed again.
  async start(code) {
    const cell = this.cells().nth(await this.cells().count() - 1);
    await this.type(code);
    for (let tries = 5; tries > 0; tries--) {
      await cell.locator('.cm-content').click();
      await this.page.keyboard.press('Shift+Enter');
      const taken = cell.locator('.jp-InputPrompt').filter({ hasText: /\[[*\d]/ }).waitFor({ timeout: 3000 });
      if (await taken.then(() => true, () => false)) return cell;
    }
    throw new Error(`the lab did not take the cell: ${code}`);
  }

  async run(code) {
    const cell = await this.start(code);
    await cell.locator('.jp-InputPrompt').filter({ hasText: /\[\d+\]/ }).waitFor();
    return cell;
  }

  async theme(name, light) {
    await this.menu('Settings', 'Theme', `${name}$`);
    await this.page.waitForSelector(`body[data-jp-theme-light="${light}"]`, { state: 'attached' });
    await this.page.waitForSelector('#jupyterlab-splash', { state: 'detached' });
  }

  // Kept where KADALI_SCREENSHOTS says, for people to look at.
  async picture(name) {
    if (process.env.KADALI_SCREENSHOTS) {
      await this.page.screenshot({ path: join(process.env.KADALI_SCREENSHOTS, `${name}.png`) });
    }
  }

  // Its kernel ends too.
  async close() {
    await this.page.close();
    const api = `http://127.0.0.1:${this.port}/api/sessions`;
    const headers = { Authorization: 'token test' };
    for (const session of await (await fetch(api, { headers })).json()) {
      await fetch(`${api}/${session.id}`, { method: 'DELETE', headers });
    }
  }
}

async function launcher(browser, port) {
  const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
  page.setDefaultTimeout(30_000);
  await page.goto(`http://127.0.0.1:${port}/lab/workspaces/${workspace()}?token=test`, { waitUntil: 'domcontentloaded' });
  await page.waitForSelector('#jupyterlab-splash', { state: 'detached' });
  return new Notebook(page, port);
}

function workspace() {
  return `w${Math.random().toString(36).slice(2)}`;
}

function freePort() {
  return new Promise(done => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => done(port));
    });
  });
}

export function emptyNotebook() {
  const kernelspec = { name: 'kadali', display_name: 'C# (Kadali)', language: 'C#' };
  const cell = { cell_type: 'code', id: 'first', metadata: {}, source: [], outputs: [], execution_count: null };
  return JSON.stringify({ cells: [cell], metadata: { kernelspec }, nbformat: 4, nbformat_minor: 5 });
}
