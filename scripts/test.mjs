// `npm test`: runs build, types, lint, documentation and tests. The last line is `N passed, N failed`.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './node-red.mjs';

const counts = join(root, 'coverage', 'counts.json');
rmSync(counts, { force: true });

const run = (name, args) => {
  console.log(`\n# ${name}`);
  const { status } = spawnSync('npm', ['run', '--silent', ...args], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, TEST_COUNTS: counts },
  });
  return status === 0;
};

const steps = [
  ['build', ['build']],
  ['types', ['typecheck']],
  ['lint', ['lint']],
  ['documentation', ['docs', '--', '--check']],
  ['tests', ['test:unit']],
];
const failed = steps.filter(([name, args]) => !run(name, args)).map(([name]) => name);

const { passes, failures } = existsSync(counts) ? JSON.parse(readFileSync(counts, 'utf8')) : { passes: 0, failures: 0 };
// A failed step counts as one failure, except for the tests, which have their own count.
const others = failed.filter((name) => name !== 'tests' || failures === 0);
if (failed.length > 0) console.log(`\nFailed: ${failed.join(', ')}.`);
console.log(`\n${passes} passed, ${failures + others.length} failed`);
process.exit(failed.length > 0 ? 1 : 0);
