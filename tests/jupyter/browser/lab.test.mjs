import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { emptyNotebook, startLab } from './lab.mjs';

describe('JupyterLab', { timeout: 300_000 }, () => {
  let lab;
  before(async () => { lab = await startLab(); });
  after(() => lab?.close());
  let current;
  afterEach(async context => {
    if (!context.passed) await current?.picture(`failed-${context.name.replace(/\W+/g, '-')}`);
    await current?.close();
  });

  async function open(name, options) {
    current = undefined;
    return current = await lab.open(name, options);
  }

  function scratch(name) {
    writeFileSync(join(lab.work, name), emptyNotebook());
    return open(name);
  }

  test('runs all of quickstart, with tables and a chart that can be seen', async () => {
    const notebook = await open('quickstart.ipynb', { height: 1000 });
    await notebook.runAll();

    const outputs = notebook.page.locator('.jp-NotebookPanel:not(.lm-mod-hidden) .jp-OutputArea-output');
    assert.match((await outputs.allInnerTexts()).join('\n'), /336,776 flights/);
    assert.equal(await notebook.page.locator('.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.error"]').count(), 0);
    assert.ok(await notebook.page.locator('.kadali-table').count() >= 2);
    const chart = outputs.filter({ has: notebook.page.locator('img[src^="data:image"], img[src^="blob:"], svg') }).first();
    await chart.scrollIntoViewIfNeeded();
    const box = await chart.locator('img, svg').first().boundingBox();
    assert.ok(box.width > 200 && box.height > 100, `the chart is ${box.width} by ${box.height}`);
    await notebook.picture('lab-light');

    await notebook.theme('JupyterLab Dark', false);
    await notebook.picture('lab-dark');
    const text = await notebook.page.locator('.kadali-table td').first().evaluate(cell => getComputedStyle(cell).color);
    const light = text.match(/[\d.]+/g).slice(0, 3).every(part => Number(part) > 128);
    assert.ok(light, `text of tables is ${text} on a dark page`);
    await notebook.theme('JupyterLab Light', true);

    assert.deepEqual(notebook.requests.filter(url => !/^(https?|ws):\/\/127\.0\.0\.1|^data:|^blob:/.test(url)), []);
    assert.deepEqual(notebook.complaints, []);
  });

  test('pages, sorts and filters a table', async () => {
    const notebook = await scratch('pages.ipynb');
    const cell = await notebook.run('#!sql\nSELECT range AS n, range * range AS square FROM range(1, 101)');
    const first = cell.locator('.kadali-table tbody td').first();
    assert.equal(await first.innerText(), '1');

    await cell.getByLabel('next page').click();
    assert.equal(await first.innerText(), '21');

    await cell.locator('.kadali-table th').first().click();
    await cell.locator('.kadali-table th').first().click();
    assert.equal(await first.innerText(), '100');

    await cell.getByLabel('filter rows').fill('9801');
    assert.equal(await first.innerText(), '99');
    await notebook.picture('lab-table');
  });

  test('interrupts a cell with its button and goes on', async () => {
    const notebook = await scratch('interrupt.ipynb');
    await notebook.run('var kept = 42;');
    const cell = await notebook.start('Console.WriteLine("spinning"); while (true) { }');
    await cell.locator('.jp-OutputArea-output').filter({ hasText: 'spinning' }).waitFor();

    await notebook.page.locator('.jp-NotebookPanel:not(.lm-mod-hidden) [data-jp-item-name="interrupt"]').click();

    await cell.locator('.jp-OutputArea-output').filter({ hasText: 'Interrupted' }).waitFor({ timeout: 5000 });
    const next = await notebook.run('kept');
    assert.match(await next.locator('.jp-OutputArea-output').innerText(), /42/);
  });

  test('completes with a popup', async () => {
    const notebook = await scratch('complete.ipynb');
    await notebook.run('1+1');
    await notebook.type('Console.Wri');
    await notebook.page.keyboard.press('Tab');

    const popup = notebook.page.locator('.jp-Completer:not(.lm-mod-hidden)');
    await popup.locator('.jp-Completer-item').filter({ hasText: 'WriteLine' }).first().waitFor();
    await notebook.picture('lab-completion');
  });

  test('shows the documentation of what the cursor is on', async () => {
    const notebook = await scratch('inspect.ipynb');
    await notebook.run('1+1');
    await notebook.type('Console.WriteLine');
    await notebook.page.keyboard.press('Shift+Tab');

    await notebook.page.locator('.jp-Tooltip').filter({ hasText: 'WriteLine' }).waitFor();
  });

  test('asks the reader for a line', async () => {
    const notebook = await scratch('input.ipynb');
    await notebook.start('$"Hello {Console.ReadLine()}"');
    const box = notebook.page.locator('.jp-Stdin-input');
    await box.fill('Ada');
    await box.press('Enter');

    await notebook.page.locator('.jp-OutputArea-output').filter({ hasText: 'Hello Ada' }).waitFor();
  });
});
