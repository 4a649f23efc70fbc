import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { english, lookup } from '../../nodes/editor/build/catalogue';
import { helpPage } from '../../nodes/editor/build/page';
import { open, type Translation, texts } from '../../nodes/editor/build/translation';

/** Each language except English, and its texts that are the same as in English. */
const languages: Readonly<Record<string, readonly string[]>> = {
  // Node-RED calls the types of values in German as in English.
  de: [
    ...[
      'Client',
      'Server',
      'Name',
      'Port',
      'Passphrase',
      'Backlog',
      'Details',
      'Token',
      'Format',
      'Heartbeat',
      'Hosts',
      'Clients',
      'Tags',
      'Frames',
      'Text',
    ],
    ...['string', 'number', 'boolean', 'object', 'array', 'buffer'],
  ],
  es: ['Error', 'bytes', 'bits', 'buffer', 'no', 'Token', 'Hosts'],
  fr: ['Message', 'bits', 'Client', 'Port', 'Compression', 'Messages', 'Conversation', 'Secrets', 'Format', 'Clients', 'Session'],
  ja: [],
  'pt-BR': ['bytes', 'bits', 'buffer', 'Token', 'Heartbeat', 'Hosts'],
};
/** Texts that are the same in every language: names and values. */
const same = ['Base64', 'URL', 'TLS', 'HTTP __status__', 'JSON', 'MessagePack', 'CBOR', 'Socket.IO', 'STOMP', 'WebSockets', 'Hex'];

const folder = join(__dirname, '..', '..', 'nodes', 'locales');
const ours = texts(english());
const list = (keys: readonly string[]) => keys.map((key) => `\n  ${key}: ${ours[key] ?? ''}`).join('');

/** Returns the placeholders and the markup, with the code in it, that a translation keeps. */
const frame = (text = '') => text.match(/__\w+__|<code>.*?<\/code>|<\/?\w+>/g)?.sort() ?? [];

/** Returns names and numbers outside the markup. A language may add a number ("1行"), but omits none. */
const named = (text = '') =>
  new Set(text.replace(/<.*?>|__\w+__/g, ' ').match(/[a-z]+[A-Z]\w*|msg\.\w+|SYSTEM|NONE|DEFAULT|\d+(?:\.\d+)*|[\w-]+:\/\/|\*{3}/g));

/** Returns the structural elements of a help page, with their content if it is not language. */
const structure = (page: string) =>
  page.match(/<(?:script|a)[^>]*>|<\/?(?:p|h[34]|dl|dt|dd|ol|ul|li)\b[^>]*>|<dt[^>]*>[\w.…]+ <|<code>\w+<\/code>(?=<\/dd>|<ul>)/g);

describe('the languages', () => {
  it('are all there, and no other', () => {
    assert.deepEqual(
      readdirSync(folder).sort(),
      Object.keys(languages)
        .map((name) => `${name}.json`)
        .sort(),
    );
  });

  for (const [name, own] of Object.entries(languages)) {
    describe(name, () => {
      const translation = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as Translation;
      const theirs = texts(translation);
      const file = `nodes/locales/${name}.json`;

      it('says everything that English says', () => {
        const { missing } = open(translation);
        assert.equal(missing.length, 0, `Translate into ${file}, then run node scripts/words.mjs ${name} --done:${list(missing)}`);
      });

      it('says nothing that English does not say', () => {
        const { gone } = open(translation);
        assert.equal(gone.length, 0, `node scripts/words.mjs ${name} --done takes these out of ${file}:${list(gone)}`);
      });

      it('was translated from the English of today', () => {
        const { changed } = open(translation);
        assert.equal(
          changed.length,
          0,
          `The English changed. Look again at these in ${file}, then run node scripts/words.mjs ${name} --done:${list(changed)}`,
        );
      });

      it('keeps the placeholders, the markup, the names and the numbers', () => {
        for (const [key, text] of Object.entries(theirs)) {
          assert.deepEqual(frame(text), frame(ours[key]), key);
          assert.deepEqual(
            [...named(ours[key])].filter((name) => !named(text).has(name)),
            [],
            key,
          );
        }
      });

      it('is left in English nowhere', () => {
        const left = Object.keys(theirs).filter((key) => theirs[key] === ours[key]);
        const allowed = new Set([...same, ...own]);
        assert.deepEqual(
          left.filter((key) => !allowed.has(ours[key] ?? '')).map((key) => `${key}: ${ours[key]}`),
          [],
        );
        const texts = new Set(left.map((key) => ours[key]));
        assert.deepEqual(
          own.filter((text) => !texts.has(text)),
          [],
          'allowed, and not used',
        );
      });

      it('has the help of every type in the same structure', () => {
        const wanted = structure(helpPage(english(), ''));
        assert.ok(wanted && wanted.length > 1000);
        assert.deepEqual(structure(helpPage(translation, '')), wanted);
      });

      it('calls what is in the forms as the forms do', () => {
        const text = lookup(translation);
        const emphasised = (key: string) => [...text(key).matchAll(/<em>(.*?)<\/em>/g)].map(([, word]) => word);
        const before = (key: string) => text(key).split(/\s?: ?/)[0];
        assert.deepEqual(emphasised('command.failures'), [text('settings.raise.label')]);
        assert.deepEqual(emphasised('events.method'), [text('types.ix-set-method.label')]);
        assert.ok(text('settings.method.help').includes(text('types.ix-set-method.label')));
        assert.deepEqual(
          emphasised('outputs.details'),
          ['data', 'json'].map((choice) => before(`settings.output.choices.${choice}`)),
        );
      });
    });
  }
});
