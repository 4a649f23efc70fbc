// `npm run audit`: known vulnerabilities of the runtime dependencies, and the registry's signatures of all packages. A registry that does not offer
// these is not a failure; the output states that nothing was checked.
import { spawnSync } from 'node:child_process';
import { root } from './node-red.mjs';

const severities = ['moderate', 'high', 'critical'];

/** @returns the JSON that npm prints, for findings and for its own failures too. */
function npm(args) {
  const { stdout, error } = spawnSync('npm', [...args, '--json'], { cwd: root, encoding: 'utf8', timeout: 120_000 });
  if (error) return { error: { summary: error.message } };
  try {
    return JSON.parse(stdout);
  } catch {
    return { error: { summary: stdout.trim().slice(0, 200) } };
  }
}

/**
 * @param {any} answer the output of `npm audit`
 * @returns the findings, as lines; `undefined` if the registry did not answer
 */
export function vulnerabilities({ metadata, vulnerabilities: found = {} }) {
  if (!metadata?.vulnerabilities) return undefined;
  return Object.values(found)
    .filter(({ severity }) => severities.includes(severity))
    .map(({ name, severity, range }) => `${name} ${range}: ${severity}`);
}

/**
 * @param {any} answer the output of `npm audit signatures`
 * @returns the packages with a wrong or missing signature, as lines; `undefined` if the registry did not answer
 */
export function wrongSignatures({ invalid, missing }) {
  if (!Array.isArray(invalid) || !Array.isArray(missing)) return undefined;
  return [
    ...invalid.map(({ name, version }) => `${name}@${version}: wrong signature`),
    ...missing.map(({ name, version }) => `${name}@${version}: no signature`),
  ];
}

/** Prints the findings of one check. @returns whether there are none. */
function report(title, found, { error, message } = {}) {
  if (!found)
    console.log(`${title}: not checked, the registry does not answer this (${(message || error?.summary || 'no reason').split('\n')[0]}).`);
  else console.log(found.length === 0 ? `${title}: none.` : `${title}:\n  ${found.join('\n  ')}`);
  return !found || found.length === 0;
}

if (process.argv[1]?.endsWith('audit.mjs')) {
  const audit = npm(['audit', '--omit=dev']);
  const signatures = npm(['audit', 'signatures']);
  const results = [
    report('Vulnerabilities of runtime dependencies', vulnerabilities(audit), audit),
    report('Packages with a wrong signature, or none', wrongSignatures(signatures), signatures),
  ];
  process.exitCode = results.every(Boolean) ? 0 : 1;
}
