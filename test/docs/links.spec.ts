import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const root = resolve(__dirname, '../..');
const blob = 'https://github.com/ix-websocket/node-red/blob/main/';

/** The Markdown files of the repository. */
const pages = ['.', 'docs', '.github']
  .flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: folder !== '.', encoding: 'utf8' })
      .filter((name) => name.endsWith('.md'))
      .map((name) => join(folder, name)),
  )
  .sort();

const withoutCode = (text: string) => text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, (code) => code.replace(/[[\]()]/g, ' '));

/** The anchors that GitHub gives the headings of a page; a repeated heading gets a number. */
function anchors(page: string): Set<string> {
  const found = new Set<string>();
  for (const [, title = ''] of readFileSync(page, 'utf8')
    .replace(/^```[\s\S]*?^```/gm, '')
    .matchAll(/^#{1,6}\s+(.*)$/gm)) {
    const slug = title
      .toLowerCase()
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replace(/\s/g, '-');
    for (let n = 0; ; n++) {
      const anchor = n === 0 ? slug : `${slug}-${n}`;
      if (found.has(anchor)) continue;
      found.add(anchor);
      break;
    }
  }
  for (const [, id = ''] of readFileSync(page, 'utf8').matchAll(/<a (?:id|name)="([^"]+)"/g)) found.add(id);
  return found;
}

/** The targets of the links and pictures of a page. */
function targets(text: string): string[] {
  const inline = [...withoutCode(text).matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g)].map(([, target = '']) => target);
  const html = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, target = '']) => target);
  const named = [...withoutCode(text).matchAll(/^\[[^\]]+\]:\s*(\S+)/gm)].map(([, target = '']) => target);
  return [...inline, ...html, ...named];
}

/** Returns why a link is broken, or `undefined`. Addresses outside the repository are not visited. */
function fault(page: string, target: string): string | undefined {
  const own = target.startsWith(blob) ? `/${target.slice(blob.length)}` : target;
  if (/^[a-z][a-z\d+.-]*:/i.test(own)) return undefined;
  const [path = '', anchor] = own.split('#');
  const name = decodeURIComponent(path);
  const file = name === '' ? join(root, page) : name.startsWith('/') ? join(root, name) : resolve(root, dirname(page), name);
  if (!existsSync(file)) return `${page}: ${target} does not exist`;
  if (relative(root, file).startsWith('..')) return `${page}: ${target} is outside the repository`;
  if (anchor && file.endsWith('.md') && !anchors(file).has(anchor)) return `${page}: ${target} names a heading that does not exist`;
  return undefined;
}

describe('the links of the documentation', () => {
  it('are found', () =>
    assert.ok(pages.length > 8 && pages.flatMap((page) => targets(readFileSync(join(root, page), 'utf8'))).length > 30));

  for (const page of pages) {
    it(`of ${page} lead to files and headings that exist`, () => {
      const faults = targets(readFileSync(join(root, page), 'utf8')).flatMap((target) => fault(page, target) ?? []);
      assert.deepEqual(faults, []);
    });
  }
});
