// Runs a TypeScript module of this checkout, with its imports, from memory.
import { createRequire } from 'node:module';
import { build } from 'esbuild';

/** @param {string} file below the checkout's root, which is the working folder */
export async function load(file) {
  const { outputFiles } = await build({
    entryPoints: [`./${file}`],
    bundle: true,
    write: false,
    format: 'cjs',
    platform: 'node',
    packages: 'external',
    absWorkingDir: process.cwd(),
    logLevel: 'error',
  });
  const module = { exports: {} };
  new Function('module', 'exports', 'require', outputFiles[0].text)(module, module.exports, createRequire(import.meta.url));
  return module.exports;
}
