// `npm run lint:prose`: finds the commonest patterns of text that is not plain technical English (CONTRIBUTING.md, "Wording").
// It checks comments and docstrings, the sentences in string literals, and the documentation. It finds patterns, not style: a reader judges the rest.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './node-red.mjs';

const maxWords = 40;

/** Each has its scope, its pattern and its remedy. */
const patterns = [
  {
    in: 'docstring',
    find: /^(What|Whom|Whose|Who|Where|When|Which|Whether|How|So (many|much|long|often))\b/,
    say: 'begin with a verb in the third person (Returns, Parses, Closes) or a noun',
  },
  { in: 'text', find: /(?<!\bthere )\bis no (?!longer\b|more than\b)[a-z]/i, say: 'write "is not a …"' },
  { in: 'text', find: /\banew\b/i, say: 'write "again"' },
  { in: 'text', find: /\bany more\b(?! (than|of|data|bytes|messages|frames))/i, say: 'write "no longer"' },
  { in: 'text', find: /\b(stands?|lies|lie) (in|at|below|above|beside|behind|for)\b/i, say: 'write "is in", "means" or "replaces"' },
  { in: 'text', find: /\bwho(m)?ever\b/i, say: 'name the peer, client or user' },
  { in: 'text', find: /\b(hears?|heard|tells?|told)\b/i, say: 'write "receives", "reports", "returns" or "is notified"' },
  {
    in: 'text',
    find: /\b(strangers?|guests?|visitors?|petitions?|farewells?|vouch\w*|barred|by itself alone)\b/i,
    say: "use the protocol's nouns: peer, request, connection",
  },
  { in: 'sentence', find: /\?$/, say: 'replace the question by an instruction: Check that …' },
];

/** Returns the comments of a source file, as `{ line, text, isDoc }`; each docstring or block is one text, and begins a line. */
function comments(source) {
  const found = [];
  const lineOf = (at) => source.slice(0, at).split('\n').length;
  for (const match of source.matchAll(/(?<=^[ \t]*)\/\*\*?([\s\S]*?)\*\/|(?<![:'"`\w])\/\/ ?(.*)$/gm)) {
    const isDoc = match[0].startsWith('/**');
    const text = (match[1] ?? match[2] ?? '')
      .replace(/^\s*\* ?/gm, ' ')
      .replace(/\s+/g, ' ')
      .trim();
    found.push({ line: lineOf(match.index), text, isDoc });
  }
  return found;
}

/** Returns the string literals of a source file that look like sentences: at least four words. */
function sentences(source) {
  const found = [];
  for (const match of source.matchAll(/(['"`])((?:\\.|(?!\1)[^\\\n])*)\1/g)) {
    const text = match[2];
    if (/^[^<>{}]*(\$\{[^}]*\}[^<>{}]*)*$/.test(text) && text.split(/\s+/).length >= 4 && /[a-z?.!]$/i.test(text)) {
      found.push({ line: source.slice(0, match.index).split('\n').length, text });
    }
  }
  return found;
}

/** Returns the sentences of a page of documentation, without code, tables and links. */
function prose(page) {
  const text = page
    .replace(/^```[\s\S]*?^```/gm, (block) => block.replace(/[^\n]/g, ''))
    .replace(/<!--[\s\S]*?-->/g, (block) => block.replace(/[^\n]/g, ''))
    .replace(/^\s*\|.*$/gm, '')
    .replace(/`[^`\n]*`/g, 'code')
    .replace(/\]\([^)]*\)/g, ']');
  const found = [];
  let line = 1;
  for (const block of text.split(/\n(?=\s*\n|\s*[-*#>]|\s*\d+\. )/)) {
    const first = line + (/^\s*/.exec(block)?.[0].split('\n').length ?? 1) - 1;
    line += block.split('\n').length;
    for (const sentence of block.split(/(?<=[.!?:;])\s+/)) found.push({ line: first, text: sentence.replace(/\s+/g, ' ').trim() });
  }
  return found;
}

/** @returns the findings in one file, as `{ line, say, text }`. */
export function findings(file, content) {
  const found = [];
  const look = (kinds, { line, text }) => {
    for (const pattern of patterns) if (kinds.includes(pattern.in) && pattern.find.test(text)) found.push({ line, say: pattern.say, text });
  };
  if (file.endsWith('.md')) {
    for (const sentence of prose(content)) {
      look(['text'], sentence);
      const words = sentence.text.split(' ').length;
      if (words > maxWords) found.push({ ...sentence, say: `split this sentence of ${words} words` });
    }
    return found;
  }
  for (const comment of comments(content)) look(comment.isDoc ? ['docstring', 'text'] : ['text'], comment);
  const isRuntime = /^(src|nodes)\//.test(file);
  if (isRuntime) for (const sentence of sentences(content)) look(['text', 'sentence'], sentence);
  return found;
}

/** Folders and files that the check reads. */
const read = ['src', 'nodes', 'scripts', 'bench', 'test', 'docs', 'README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md'];
/** The test of this check contains text that it must find. */
const isRead = (name) => /\.(ts|mjs|cjs|md)$/.test(name) && name !== join('test', 'scripts', 'prose.spec.ts');

function files(name) {
  const path = join(root, name);
  try {
    const names = readdirSync(path, { recursive: true }).map((below) => join(name, below));
    return names.filter(isRead);
  } catch (error) {
    if (error.code === 'ENOTDIR') return [name];
    if (error.code === 'ENOENT') return [];
    throw error;
  }
}

if (process.argv[1] === join(root, 'scripts', 'prose.mjs')) {
  const asked = process.argv.slice(2);
  let count = 0;
  for (const file of (asked.length > 0 ? asked : read).flatMap(files)) {
    for (const { line, say, text } of findings(file, readFileSync(join(root, file), 'utf8'))) {
      count++;
      console.log(`${file}:${line}: ${say}: ${text.slice(0, 120)}`);
    }
  }
  if (count > 0) console.error(`${count} places are not plain technical English.`);
  process.exitCode = count > 0 ? 1 : 0;
}
