/** The source as a syntax tree. */
import { readdirSync, readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { join, resolve } from 'node:path';
import { type AnyNode, parse } from 'acorn';
import { full } from 'acorn-walk';
import { transformSync } from 'esbuild';

const root = resolve(__dirname, '../..');

/** Returns the TypeScript files below a folder, without declaration files, with the folder before each name. */
const sourcesIn = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /(?<!\.d)\.ts$/.test(name))
    .map((name) => join(folder, name));

/** Calls back with each node of the syntax tree of each file below a folder. */
export function eachNode(folder: string, visit: (node: AnyNode, file: string, text: string) => void): void {
  for (const name of sourcesIn(folder)) {
    const { code } = transformSync(readFileSync(join(root, name), 'utf8'), { loader: 'ts', target: 'esnext' });
    full(parse(code, { ecmaVersion: 'latest', sourceType: 'module' }), (node) => {
      const { type, start, end } = node;
      visit(node as AnyNode, name, type === 'Program' ? '' : code.slice(start, end));
    });
  }
}

/** A file or a function of the source, and its length in lines. */
export interface Length {
  /** The file, and for a function the line on which it begins. */
  readonly place: string;
  readonly lines: number;
}

/** Returns the lengths of all files and functions below a folder, as they are written. */
export function lengthsIn(folder: string): { files: Length[]; functions: Length[] } {
  const files: Length[] = [];
  const functions: Length[] = [];
  for (const file of sourcesIn(folder)) {
    const text = readFileSync(join(root, file), 'utf8');
    files.push({ place: file, lines: text.split('\n').length - 1 });
    // The parser reads JavaScript, whose lines are not those of the source.
    const { code, map } = transformSync(text, { loader: 'ts', target: 'esnext', sourcemap: 'external', sourcefile: file });
    const sourceMap = new SourceMap(JSON.parse(map));
    const lineOf = (line: number, column: number) => (sourceMap.findEntry(line - 1, column) as { originalLine: number }).originalLine + 1;
    full(parse(code, { ecmaVersion: 'latest', sourceType: 'module', locations: true }), ({ type, loc }) => {
      if (!/Function/.test(type) || !loc) return;
      const first = lineOf(loc.start.line, loc.start.column);
      functions.push({ place: `${file}:${first}`, lines: lineOf(loc.end.line, loc.end.column - 1) - first + 1 });
    });
  }
  return { files, functions };
}
