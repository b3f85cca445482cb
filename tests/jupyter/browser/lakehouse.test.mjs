import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { emptyNotebook, startLab } from './lab.mjs';

describe('the lakehouse', { timeout: 200_000 }, () => {
  let lab;
  let current;
  before(async () => { lab = await startLab(); });
  after(() => lab?.close());
  afterEach(async context => {
    if (!context.passed) await current?.picture(`failed-${context.name.replace(/\W+/g, '-')}`);
    await current?.close();
    current = undefined;
  });

  test('can be read from top to bottom, by day and by night', async () => {
    const notebook = current = await lab.open('lakehouse.ipynb', { width: 1280 });
    await notebook.runAll();

    const outputs = notebook.outputs();
    assert.equal(await notebook.page.locator('.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.error"]').count(), 0);
    const wide = element => element.scrollWidth > element.clientWidth + 1 ? [element.innerText.slice(0, 80)] : [];
    assert.deepEqual((await Promise.all((await outputs.all()).map(output => output.evaluate(wide)))).flat(), [], 'outputs overflow');
    const editors = await notebook.cells().locator('.cm-scroller').all();
    assert.deepEqual((await Promise.all(editors.map(editor => editor.evaluate(wide)))).flat(), [], 'lines of cells overflow');

    // A version has one number, its own.
    const entries = notebook.page.locator('.kadali-timeline > *');
    assert.deepEqual((await entries.allInnerTexts()).map(text => text.split(' ')[0]), ['v4', 'v3', 'v2', 'v1', 'v0']);
    assert.ok((await entries.evaluateAll(all => all.map(entry => getComputedStyle(entry).display))).every(form => form === 'block'));

    await entries.last().scrollIntoViewIfNeeded();
    await notebook.picture('lakehouse-light');
    await notebook.theme('JupyterLab Dark', false);
    await entries.last().scrollIntoViewIfNeeded();
    await notebook.picture('lakehouse-dark');
    for (const text of [entries.first(), entries.first().locator('small').first(), notebook.page.locator('.kadali-table td').first()]) {
      const ink = await text.evaluate(element => getComputedStyle(element).color);
      assert.ok(ink.match(/[\d.]+/g).slice(0, 3).every(part => Number(part) > 128), `text is ${ink} on a dark page`);
    }
    await notebook.theme('JupyterLab Light', true);
    assert.deepEqual(notebook.complaints, []);
    assert.deepEqual(notebook.strayRequests(), []);
  });

  test('shows a value whole that is too long for its column', async () => {
    writeFileSync(join(lab.work, 'long.ipynb'), emptyNotebook());
    const notebook = current = await lab.open('long.ipynb');
    const cell = await notebook.run("#!sql\nSELECT repeat('a long text, ', 12) || 'to its end' AS remark");
    const value = cell.locator('.kadali-table tbody td').first();
    const isCut = () => value.evaluate(td => td.scrollWidth > td.clientWidth);
    assert.ok(await isCut());

    await value.hover();
    assert.match(await value.getAttribute('title'), /to its end$/);
    await value.click();
    assert.ok(!await isCut());
    await value.click();
    assert.ok(await isCut());
  });
});
