import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { emptyNotebook, startLab } from './lab.mjs';

describe('JupyterLab', { timeout: 480_000 }, () => {
  let lab;
  before(async () => { lab = await startLab(); });
  after(() => lab?.close());
  let current;
  afterEach(async context => {
    if (!context.passed) await current?.picture(`failed-${context.name.replace(/\W+/g, '-')}`);
    const stray = current?.strayRequests() ?? [];
    await current?.close();
    assert.deepEqual(stray, []);
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

    const outputs = notebook.outputs();
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

    await notebook.button('interrupt').click();

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

  test('hides a password while it is typed', async () => {
    const notebook = await scratch('password.ipynb');
    await notebook.start('(await Kernel.GetPasswordAsync("Secret")).GetClearTextPassword().Length * 14');
    const box = notebook.page.locator('.jp-Stdin-input');
    assert.equal(await box.getAttribute('type'), 'password');
    await box.fill('abc');
    await box.press('Enter');

    await notebook.outputs().filter({ hasText: /^42$/ }).waitFor();
  });

  test('renders cells of Markdown, HTML, JavaScript and Mermaid', async () => {
    const notebook = await scratch('languages.ipynb');

    const markdown = await notebook.run('#!markdown\n# Title\n\n*leaning*');
    assert.equal(await markdown.locator('.jp-OutputArea-output em').innerText(), 'leaning');
    const html = await notebook.run('#!html\n<b id="here">bold</b>');
    assert.equal(await html.locator('.jp-OutputArea-output b').innerText(), 'bold');
    await notebook.run('#!javascript\ndocument.getElementById("here").textContent = "written by JavaScript";');
    await html.locator('b').filter({ hasText: 'written by JavaScript' }).waitFor();
    // Debian builds JupyterLab without its Mermaid: there the text of the diagram is shown.
    const mermaid = await notebook.run('#!mermaid\ngraph LR\n  A[Lake] --> B[House]');
    await mermaid.locator('.jp-OutputArea-output pre, .jp-RenderedMermaid').filter({ hasText: /Lake/ }).first().waitFor();
    await notebook.picture('lab-languages');
  });

  test('moves a progress bar in place, and clears what a cell has shown', async () => {
    const notebook = await scratch('progress.ipynb');
    const bar = await notebook.run(
      'var bar = Kernel.Progress("loading", 50); for (var i = 1; i <= 50; i++) { bar.Report(i); Thread.Sleep(10); }');
    assert.equal(await bar.locator('.jp-OutputArea-output').count(), 1);
    await bar.locator('.jp-OutputArea-output').filter({ hasText: '100' }).waitFor();

    const cleared = await notebook.run('Console.WriteLine("old"); Kernel.ClearOutput(wait: true); Console.WriteLine("new");');
    assert.equal((await cleared.locator('.jp-OutputArea-output').innerText()).trim(), 'new');
    await notebook.picture('lab-progress');
  });

  test('shows an output of 20,000 lines to its end', async () => {
    const notebook = await scratch('long.ipynb');
    const cell = await notebook.run('for (var i = 1; i <= 20_000; i++) Console.WriteLine($"line {i}");');

    await cell.locator('.jp-OutputArea-output').filter({ hasText: 'line 20000' }).waitFor();
    assert.match(await (await notebook.run('6 * 7')).locator('.jp-OutputArea-output').innerText(), /42/);
  });

  test('points into the cell where it fails', async () => {
    const notebook = await scratch('fails.ipynb');
    const thrown = await notebook.run('var zero = 0;\n1 / zero');
    assert.match(await thrown.locator('.jp-OutputArea-output').innerText(), /DivideByZeroException[\s\S]*line 2: 1 \/ zero/);
    const misspelled = await notebook.run('#!sqll\nSELECT 1');
    assert.match(await misspelled.locator('.jp-OutputArea-output').innerText(), /Did you mean '#!sql'/);
    await notebook.picture('lab-errors');
  });

  test('restarts and runs all', async () => {
    const notebook = await scratch('restart.ipynb');
    await notebook.run('var started = Environment.ProcessId;');
    await notebook.run('started == Environment.ProcessId ? "same process " + Environment.ProcessId : "another"');
    const output = notebook.outputs().filter({ hasText: 'same process' });
    const before = await output.innerText();

    await notebook.menu('Kernel', 'Restart Kernel and Run All');
    await notebook.page.locator('.jp-Dialog .jp-mod-accept').click();

    await notebook.page.waitForFunction(
      ([text]) => [...document.querySelectorAll('.jp-OutputArea-output')]
        .some(o => o.innerText.startsWith('same process') && o.innerText.trim() !== text.trim()),
      [before]);
  });

  test('says why when the process of the kernel ends, and starts another', async () => {
    const notebook = await scratch('death.ipynb');
    const exits = await notebook.start('Console.WriteLine("last words"); Environment.Exit(3);');
    await exits.locator('.jp-OutputArea-output').filter({ hasText: 'last words' }).waitFor();
    await exits.locator('.jp-OutputArea-output').filter({ hasText: 'Environment.Exit' }).waitFor();

    const dialog = notebook.page.locator('.jp-Dialog');
    await dialog.filter({ hasText: /restart|died/i }).waitFor();
    await notebook.picture('lab-death');
    await dialog.locator('.jp-mod-accept').click();
    const next = await (await notebook.run('6 * 7')).locator('.jp-OutputArea-output').allInnerTexts();
    assert.match(next.join('\n'), /session before this one ended[\s\S]*Environment\.Exit[\s\S]*42/);
  });

  test('is found in the launcher by its name and logo', async () => {
    const launcher = current = await lab.launcher();
    const card = launcher.page.locator('.jp-LauncherCard:visible').filter({ hasText: 'C# (Kadali)' }).first();
    await card.waitFor();
    const logo = card.locator('img');
    await launcher.picture('lab-launcher');
    assert.ok(await logo.evaluate(image => image.complete && image.naturalWidth >= 32), 'the logo is no picture');

    await card.click();
    await launcher.page.locator('.jp-NotebookPanel:not(.lm-mod-hidden) .jp-CodeCell').first().waitFor();
  });

  test('runs all of quickstart in Notebook 7', async () => {
    current = await lab.inNotebook7('quickstart.ipynb', async notebook => {
      await notebook.runAll();

      assert.match((await notebook.outputs().allInnerTexts()).join('\n'), /336,776 flights/);
      assert.equal(await notebook.page.locator('.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.error"]').count(), 0);
      const picture = notebook.page.locator('img[src^="data:image"], img[src^="blob:"], svg');
      await notebook.outputs().filter({ has: picture }).first().scrollIntoViewIfNeeded();
      await notebook.picture('notebook7');
      // Notebook 7 complains of a command of its own.
      assert.deepEqual(notebook.complaints.filter(text => !text.includes('filebrowser:open-path')), []);
    });
  });
});
