// `npm run test:scorecard`: runs the flow library's own checks of the built package, by node-red-dev, which queries the npm registry for the
// latest Node-RED and dependencies. Its exit code ignores warnings, so its JSON is read.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load } from './load.mjs';
import { root } from './node-red.mjs';
import { installed } from './runtimes.mjs';

process.chdir(root);

const version = '0.1.6';

/** The meaning of a check that is not green. */
const sentences = {
  P01: 'package.json has no license.',
  P03: 'package.json has neither repository nor bugs.',
  P04: 'The name of the package is not scoped as the flow library wants it.',
  P05: 'package.json lacks the keyword node-red.',
  P06: 'node-red.version in package.json does not allow the latest Node-RED.',
  P07: 'engines.node in package.json does not allow the oldest Node.js that the latest Node-RED runs on.',
  P08: 'A package of the same name exists in another scope.',
  N01: 'Another package in the catalogue has a node type of ours.',
  N02: 'Some node types are used by no example.',
  D01: 'There are more than six dependencies.',
  D02: 'The dependencies bring a package that is known not to work.',
  D03: 'The range of a dependency does not cover its latest version.',
};

function scorecard() {
  const dir = mkdtempSync(join(tmpdir(), 'ix-scorecard-'));
  const [tool, file] = [installed(`node-red-dev-${version}`, `node-red-dev@${version}`, 'node-red-dev/bin/run'), join(dir, 'score.json')];
  const stub = join(root, 'scripts', 'catalogue-stub.cjs');
  try {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--require', stub, tool, 'validate', '-o', file], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`node-red-dev ended with ${status}:\n${stdout}${stderr}`);
    return JSON.parse(readFileSync(file, 'utf8'));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

const { catalog } = await load('nodes/catalog.ts');
const { keywords } = JSON.parse(readFileSync('package.json', 'utf8'));
const score = scorecard();

const problems = [];
for (const [check, sentence] of Object.entries(sentences)) {
  const { test, ...details } = score[check] ?? {};
  if (test === true) continue;
  const told = Object.keys(details).length > 0 ? ` (${JSON.stringify(details)})` : '';
  problems.push(score[check] ? `${check}: ${sentence}${told}` : `${check}: node-red-dev did not get as far as this check.`);
}
// It reports P05 as green in each case.
if (!keywords.includes('node-red')) problems.push(`P05: ${sentences.P05}`);
// It parses the page as text. A type that it does not find is not on the flow library's page either, and N02 is green without it.
const seen = score.N02?.nodes ?? [];
for (const [type, { kind }] of Object.entries(catalog)) {
  if (kind !== 'config' && kind !== 'protocol' && !seen.includes(type))
    problems.push(`node-red-dev did not find the type ${type}, or no example that uses it.`);
}

for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
else console.log(`The scorecard is green: ${Object.keys(sentences).length} checks, ${seen.length} node types with an example each.`);
