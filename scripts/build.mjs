// Builds dist/: the runtime by tsc, and the editor's files beside its entry. Every step is awaited, and throws on failure.
// --dev builds the runtime by esbuild, without type checks but with source maps, in a tenth of the time.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { load } from './load.mjs';

process.chdir(join(dirname(fileURLToPath(import.meta.url)), '..'));
const out = 'dist/nodes';
const isDev = process.argv.includes('--dev');

await rm('dist', { recursive: true, force: true });
await (isDev ? transpile() : compile());
await cp('icons', `${out}/icons`, { recursive: true });
await cp('src/presets', 'dist/src/presets', { recursive: true });

const { homepage } = JSON.parse(await readFile('package.json', 'utf8'));
const { page, helpPage, catalogue, english } = await load('nodes/editor/build/page.ts');
const styles = ['style', 'sidebar', 'composer'].map((name) => readFile(`nodes/editor/${name}.css`, 'utf8'));
const style = (await Promise.all(styles)).join('\n');
await writeFile(`${out}/ix-websocket.html`, page({ script: await browserScript(), style, homepage }));

// The English help is in the page itself.
await writeLocale('en-US', { 'ix-websocket.json': catalogue(english()) });
const languages = existsSync('nodes/locales') ? await readdir('nodes/locales') : [];
for (const file of languages.filter((name) => name.endsWith('.json'))) {
  const language = JSON.parse(await readFile(`nodes/locales/${file}`, 'utf8'));
  await writeLocale(basename(file, '.json'), {
    'ix-websocket.json': catalogue(language),
    'ix-websocket.html': helpPage(language, homepage),
  });
}

async function compile() {
  const compiler = createRequire(import.meta.url)
    .resolve('typescript/package.json')
    .replace('package.json', 'bin/tsc');
  const [code] = await once(spawn(process.execPath, [compiler], { stdio: 'inherit' }), 'exit');
  if (code !== 0) throw new Error(`The TypeScript compiler ended with ${code}.`);
}

/** The files that tsconfig.json names, each on its own. */
async function transpile() {
  const files = [];
  for (const folder of ['src', 'nodes', 'nodes/runtime']) {
    const names = await readdir(folder, { recursive: folder !== 'nodes' });
    files.push(...names.filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts')).map((name) => join(folder, name)));
  }
  await build({ entryPoints: files, outdir: 'dist', outbase: '.', format: 'cjs', platform: 'node', sourcemap: true, logLevel: 'warning' });
}

/** Bundles the functions that the page's definitions call into one script. */
async function browserScript() {
  const { outputFiles, metafile } = await build({
    entryPoints: ['nodes/editor/browser/form.ts'],
    bundle: true,
    write: false,
    metafile: true,
    format: 'iife',
    globalName: 'ixWebSocket',
    target: 'es2020',
    charset: 'utf8',
    sourcemap: isDev && 'inline',
    define: { IX_PRESETS: JSON.stringify(await presets()) },
    logLevel: 'error',
  });
  await writeLicences(Object.keys(metafile.inputs));
  return outputFiles[0].text;
}

/** Copies the licences of the packages that a bundle contains. */
async function writeLicences(files) {
  const packages = new Set(files.flatMap((file) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? []));
  await mkdir(`${out}/licenses`, { recursive: true });
  for (const name of packages) await cp(`node_modules/${name}/LICENSE`, `${out}/licenses/${name.replace('/', '-')}.txt`);
}

/** Reads the presets of protocols, which the page contains. */
async function presets() {
  const names = (await readdir('src/presets')).filter((name) => name.endsWith('.json')).sort();
  const texts = await Promise.all(names.map((name) => readFile(join('src/presets', name), 'utf8')));
  return Object.fromEntries(names.map((name, at) => [basename(name, '.json'), JSON.parse(texts[at])]));
}

async function writeLocale(language, files) {
  const folder = `${out}/locales/${language}`;
  await mkdir(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) await writeFile(`${folder}/${name}`, text);
}
