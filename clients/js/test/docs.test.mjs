// The API pages can be made: every export is documented, and no link leads nowhere.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

test('every export is documented, and every link leads somewhere', () => {
  const cwd = fileURLToPath(new URL('../..', import.meta.url));
  const { status, stdout, stderr } = spawnSync('npm', ['run', 'build', '-w', 'apidocs', '--', '--emit', 'none'], { cwd, encoding: 'utf8' });
  assert.equal(status, 0, stdout + stderr);
});
