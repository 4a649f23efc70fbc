/** The source as a syntax tree. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type AnyNode, parse } from 'acorn';
import { full } from 'acorn-walk';
import { transformSync } from 'esbuild';

const root = resolve(__dirname, '../..');

/** Calls back with each node of the syntax tree of each file below a folder. */
export function eachNode(folder: string, visit: (node: AnyNode, file: string, text: string) => void): void {
  const files = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).filter((name) => /(?<!\.d)\.ts$/.test(name));
  for (const name of files) {
    const { code } = transformSync(readFileSync(join(root, folder, name), 'utf8'), { loader: 'ts', target: 'esnext' });
    full(parse(code, { ecmaVersion: 'latest', sourceType: 'module' }), (node) => {
      const { type, start, end } = node;
      visit(node as AnyNode, join(folder, name), type === 'Program' ? '' : code.slice(start, end));
    });
  }
}
