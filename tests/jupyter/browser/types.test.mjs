import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';

test('the types of the extension of JupyterLab fit', { timeout: 120_000 }, () => {
  const compiler = fileURLToPath(import.meta.resolve('typescript/bin/tsc'));
  const project = fileURLToPath(new URL('../../../extensions/jupyterlab', import.meta.url));

  const checked = spawnSync(process.execPath, [compiler, '--project', project], { encoding: 'utf8' });

  assert.equal(checked.stdout + checked.stderr, '');
  assert.equal(checked.status, 0);
});
