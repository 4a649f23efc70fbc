// `npm run release -- VERSION|patch|minor|major [--go]`: version, change log, tag, package, publication with provenance.
// Without --go nothing is changed: each step is checked and printed.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './node-red.mjs';

const usage = 'npm run release -- VERSION|patch|minor|major [--go]';
const unreleased = '## Unreleased';

function run(command, args, { quiet = false } = {}) {
  const { status, stdout } = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    stdio: ['inherit', quiet ? 'pipe' : 'inherit', 'inherit'],
  });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed.`);
  return stdout ?? '';
}

/** @returns the next version, or the given one, which must be higher, or the current one if it is not released. */
export function nextVersion(current, wanted, isReleased = true) {
  if (wanted === current && !isReleased) return current;
  const parts = current.split('.').map(Number);
  const level = ['major', 'minor', 'patch'].indexOf(wanted);
  if (level >= 0) return parts.map((part, i) => (i < level ? part : i === level ? part + 1 : 0)).join('.');
  if (!/^\d+\.\d+\.\d+$/.test(wanted)) throw new Error(`The version must be patch, minor, major or three numbers; got "${wanted}".`);
  const given = wanted.split('.').map(Number);
  const first = given.findIndex((part, i) => part !== parts[i]);
  if (first < 0 || given[first] < parts[first]) throw new Error(`The version ${wanted} does not follow ${current}.`);
  return wanted;
}

/** Returns the change log with the unreleased changes under the new version's heading. */
export function releasedChangelog(text, version, date) {
  const from = text.indexOf(unreleased);
  if (from < 0) throw new Error(`CHANGELOG.md has no section "${unreleased}".`);
  const rest = text.slice(from + unreleased.length);
  const next = rest.search(/^## /m);
  const changes = (next < 0 ? rest : rest.slice(0, next)).trim();
  if (changes === '') throw new Error(`The section "${unreleased}" of CHANGELOG.md is empty.`);
  const after = next < 0 ? '' : `\n\n${rest.slice(next)}`;
  return { changes, text: `${text.slice(0, from)}${unreleased}\n\n## ${version} (${date})\n\n${changes}${after || '\n'}` };
}

function release(wanted, isReal) {
  const read = (file) => readFileSync(join(root, file), 'utf8');
  const current = JSON.parse(read('package.json')).version;
  const isReleased = run('git', ['tag', '--list', `v${current}`], { quiet: true }) !== '';
  const version = nextVersion(current, wanted, isReleased);
  const log = releasedChangelog(read('CHANGELOG.md'), version, new Date().toISOString().slice(0, 10));
  if (run('git', ['status', '--porcelain'], { quiet: true }) !== '')
    throw new Error('The checkout has uncommitted changes. Commit them first.');
  console.log(`Version ${version}\n\n${log.changes}\n`);
  if (!isReal) {
    run('npm', ['pack', '--dry-run']);
    console.log(`\nNothing was changed. To release: npm run release -- ${wanted} --go`);
    return;
  }
  run('bash', ['.ci/run']);
  writeFileSync(join(root, 'CHANGELOG.md'), log.text);
  if (version !== current) run('npm', ['version', version, '--no-git-tag-version']);
  run('git', ['commit', '-qam', `release: ${version}`]);
  run('git', ['tag', '-a', `v${version}`, '-m', `${version}\n\n${log.changes}`]);
  // Provenance requires a workflow of the repository's host; elsewhere npm refuses the flag.
  run('npm', ['publish', '--access', 'public', ...(process.env.GITHUB_ACTIONS ? ['--provenance'] : [])]);
  run('git', ['push', '--follow-tags']);
}

if (process.argv[1] === join(root, 'scripts', 'release.mjs')) {
  const [wanted, go] = process.argv.slice(2);
  try {
    if (!wanted || (go !== undefined && go !== '--go')) throw new Error(usage);
    release(wanted, go === '--go');
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
