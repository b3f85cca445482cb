import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { emptyNotebook, startLab } from './lab.mjs';

describe('tables', { timeout: 400_000 }, () => {
  let lab;
  let current;
  before(async () => { lab = await startLab(); });
  after(() => lab?.close());
  afterEach(async context => {
    if (!context.passed) await current?.picture(`failed-${context.name.replace(/\W+/g, '-')}`);
    await current?.close();
    current = undefined;
  });

  async function scratch(name, options) {
    writeFileSync(join(lab.work, name), emptyNotebook());
    return current = await lab.open(name, options);
  }

  const thousand = "#!sql\nSELECT range AS n, 1000 - range AS down, "
    + "CASE WHEN range % 10 = 0 THEN NULL ELSE 'row ' || (range % 4) END AS kind FROM range(1, 1001)";
  const first = cell => cell.locator('.kadali-table tbody td').first();
  const said = (cell, text) => cell.locator('.kadali-count').filter({ hasText: text }).waitFor();

  async function saved(notebook, act) {
    const wanted = notebook.page.waitForEvent('download');
    await act();
    const download = await wanted;
    return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
  }

  test('page, sort and filter all rows, not only those in the notebook', async () => {
    const notebook = await scratch('all-rows.ipynb');
    const cell = await notebook.run(thousand);
    await said(cell, '1–20 of many rows');

    await cell.getByLabel('last page').click();
    await said(cell, '981–1,000 of 1,000 rows');
    assert.equal(await first(cell).innerText(), '981');

    await cell.locator('.kadali-table th').nth(1).press('Enter');
    await said(cell, '1–20 of 1,000 rows');
    assert.equal(await first(cell).innerText(), '1000');
    assert.equal(await cell.locator('.kadali-table th').nth(1).getAttribute('aria-sort'), 'ascending');

    await cell.getByLabel('filter rows').fill('777');
    await said(cell, '1–2 of 2 that match');
    assert.equal(await first(cell).innerText(), '777');
    await notebook.picture('table-filtered');
    assert.deepEqual(notebook.complaints, []);
  });

  test('profile their columns', async () => {
    const notebook = await scratch('profile.ipynb');
    const cell = await notebook.run(thousand);
    await cell.getByLabel('profile of each column').click();

    await cell.locator('.kadali-profile').waitFor();
    const facts = await cell.locator('.kadali-profile .facts').allInnerTexts();
    assert.match(facts[0], /^1,000 distinct · mean 500\.5 · no nulls$/);
    assert.match(facts[2], /^4 distinct · 100 null \(10\.0%\)$/);
    assert.equal(await cell.locator('.kadali-profile .bars').count(), 2);
    await notebook.picture('table-profile-light');
    await notebook.theme('JupyterLab Dark', false);
    await notebook.picture('table-profile-dark');
    const ink = await first(cell).evaluate(td => getComputedStyle(td).color);
    assert.ok(ink.match(/[\d.]+/g).slice(0, 3).every(part => Number(part) > 128), `text is ${ink} on a dark page`);
    await notebook.theme('JupyterLab Light', true);
  });

  test('download as CSV and Parquet', async () => {
    const notebook = await scratch('download.ipynb');
    const cell = await notebook.run(thousand);

    const csv = await saved(notebook, () => cell.getByLabel('download as CSV').click());
    assert.equal(csv.name, 'table.csv');
    const lines = csv.bytes.toString().split('\r\n');
    assert.equal(lines.length, 1002);
    assert.equal(lines[10], '10,990,');

    const parquet = await saved(notebook, () => cell.getByLabel('download as Parquet').click());
    assert.equal(parquet.name, 'table.parquet');
    writeFileSync(join(lab.work, 'back.parquet'), parquet.bytes);
    const back = await notebook.run("#!sql\nSELECT count(*) AS rows, sum(n) AS total, count(kind) AS kinds FROM 'back.parquet'");
    assert.deepEqual(await back.locator('.kadali-table tbody td').allInnerTexts(), ['1000', '500500', '900']);
  });

  test('are served by one style block when a saved notebook is opened again, and say when their kernel has gone', async () => {
    const notebook = await scratch('saved.ipynb');
    await notebook.run('Enumerable.Range(1, 50).Select(n => new { n, square = n * n })');
    await notebook.run(thousand);
    await notebook.menu('File', 'Save Notebook$');
    await notebook.page.waitForFunction(() => !document.querySelector('.jp-NotebookPanel:not(.lm-mod-hidden) .jp-mod-dirty'));
    await notebook.menu('Kernel', 'Shut Down Kernel');
    await notebook.close();
    const html = JSON.parse(readFileSync(join(lab.work, 'saved.ipynb'))).cells.flatMap(cell => cell.outputs ?? [])
      .map(output => [output.data?.['text/html'] ?? ''].flat().join(''));
    assert.equal(html.filter(text => text.includes('<style')).length, 1);

    current = await lab.open('saved.ipynb');
    const [small, large] = [current.cells().nth(0), current.cells().nth(1)];
    await small.getByLabel('next page').click();
    assert.equal(await first(small).innerText(), '21');
    await large.locator('.kadali-table th').first().click();
    await large.locator('.kadali-note.bad').filter({ hasText: 'run the cell again' }).waitFor();
    await current.picture('table-saved');
  });

  test('work in Notebook 7', async () => {
    writeFileSync(join(lab.work, 'seven.ipynb'), emptyNotebook());
    current = await lab.inNotebook7('seven.ipynb', async notebook => {
      const cell = await notebook.run(thousand);
      await cell.getByLabel('last page').click();
      await said(cell, '981–1,000 of 1,000 rows');
      await notebook.picture('table-notebook7');
    });
  });
});
