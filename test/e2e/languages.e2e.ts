import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CatalogRow, catalog, isConfigRow } from '../../nodes/catalog';
import { english, flat, type Language, lookup } from '../../nodes/editor/build/catalogue';
import { EditorPage, type Form, type Item } from './editor-page';
import { type Launched, launch } from './launch';

/** The editor's languages, and the folder that Node-RED serves for each of them. */
const languages = { ja: 'ja', fr: 'fr', de: 'de', 'es-ES': 'es', 'pt-BR': 'pt-BR' };

const client: Item = {
  id: 'client',
  type: 'ix-client',
  name: '',
  URL: 'wss://127.0.0.1:9/',
  headers: { 'X-One': '1' },
  subProtocols: ['one'],
  keyFile: '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n',
  caFile: 'NONE',
  tlsConfig: '',
  proxy: '',
};
const server: Item = { id: 'server', type: 'ix-server', name: '', port: 0, caFile: '/etc/ca.pem', tlsConfig: '' };
const flowNodes: Item[] = Object.entries<CatalogRow>(catalog)
  .filter(([, row]) => !isConfigRow(row))
  .map(([type, row], index) => ({
    id: `n${index}`,
    type,
    z: 'tab',
    name: '',
    ...(row.side && { [row.side]: row.side }),
    x: 200 + 260 * (index % 3),
    y: 80 + 80 * Math.floor(index / 3),
    wires: row.kind === 'events' || row.kind === 'hook' ? row.outputs.map(() => []) : [[]],
  }));
const flow: Item[] = [{ id: 'tab', type: 'tab', label: '-' }, client, server, ...flowNodes];

/** Different forms, with some words of each. */
const labels: Readonly<Record<string, readonly string[]>> = {
  'ix-client': [
    'options.client.URL.label',
    'options.client.jitter.label',
    'options.shared.maxPayload.label',
    'form.unverified',
    'form.keyInFlow',
  ],
  'ix-server': [
    ...['options.server.port.label', 'options.server.backlog.label', 'options.shared.slowReaders.choices.drop'],
    ...['options.server.auth.choices.bearer', 'options.server.path.placeholder', 'form.originsSame', 'form.addNetwork'],
  ],
  'ix-client-start': ['settings.raise.label'],
  'ix-client-events': ['settings.output.choices.json', 'settings.batchSize.placeholder'],
  'ix-4d-hook': [
    'options.hook.form.choices.handler',
    'options.hook.signingKey.label',
    'options.hook.eventsPerCall.label',
    'options.hook.maxQueue.label',
  ],
  'ix-server-send': ['settings.to.choices.others', 'settings.raise.label'],
};

/** Returns every text of the open form: labels, placeholders, tips and texts for screen readers. */
const said = ({ page }: Form) =>
  page
    .locator('.red-ui-tray')
    .last()
    .locator('.ix-form')
    .evaluate((form) => {
      const texts = [...form.querySelectorAll('*')].flatMap((element) => [
        ...[...element.childNodes].filter(({ nodeType }) => nodeType === 3).map(({ textContent }) => textContent ?? ''),
        ...['placeholder', 'title', 'aria-label'].map((name) => element.getAttribute(name) ?? ''),
      ]);
      return [...new Set(texts.map((text) => text.trim()).filter((text) => text !== ''))];
    });

/** Returns the texts that do not fit in the open form. */
const cutOff = ({ page }: Form) =>
  page
    .locator('.red-ui-tray')
    .last()
    .evaluate((tray) => {
      const pen = document.createElement('canvas').getContext('2d') as CanvasRenderingContext2D;
      const elements = [...tray.querySelectorAll<HTMLElement>('.ix-form *')].filter(
        (element) => element.offsetParent !== null && element.clientWidth > 0,
      );
      const inFields = elements.flatMap((field) => {
        const isSelect = field instanceof HTMLSelectElement;
        if (!isSelect && !(field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement)) return [];
        const { font, paddingLeft, paddingRight } = getComputedStyle(field);
        const room = field.clientWidth - Number.parseFloat(paddingLeft) - Number.parseFloat(paddingRight) - (isSelect ? 18 : 0);
        pen.font = font;
        const texts = isSelect ? [...field.options].map(({ text }) => text) : [field.placeholder];
        return texts.filter((text) => pen.measureText(text).width > room);
      });
      const inLines = elements
        .filter((element) => element.matches('label, button, summary, .ix-unit, .red-ui-tab a, .form-tips, .ix-wrong'))
        .filter((element) => element.scrollWidth > element.clientWidth + 1)
        .map(({ textContent }) => textContent?.trim() ?? '');
      return [...inFields, ...inLines].filter((text) => text !== '');
    });

describe('the editor in other languages', function () {
  this.timeout(90_000);
  let nodeRed: Launched | undefined;
  let url: string;

  before(async () => {
    nodeRed = await launch(flow);
    url = nodeRed.url;
    await nodeRed.ready();
  });
  after(async () => {
    await nodeRed?.stop();
  });

  for (const [locale, folder] of Object.entries(languages)) {
    describe(locale, () => {
      const language = JSON.parse(readFileSync(join(__dirname, '..', '..', 'nodes', 'locales', `${folder}.json`), 'utf8')) as Language;
      const text = lookup(language);
      const fill = (key: string, values: Record<string, unknown>) => text(key).replace(/__(\w+)__/g, (_, name) => String(values[name]));
      const inEnglish = flat(english().editor);
      const theirs = new Set(Object.values(flat(language.editor)));
      /** Returns English texts that are not texts of this language too. */
      const foreign = new Set(Object.values(inEnglish).filter((words) => !theirs.has(words)));
      let editor: EditorPage;

      before(async () => {
        editor = await EditorPage.open(url, locale);
      });
      after(() => editor?.close());
      afterEach('has nothing to say in the console', () => assert.deepEqual(editor.problems, []));

      it('is what Node-RED serves, as words and as help', async () => {
        const get = async (path: string, headers: Record<string, string>) => (await fetch(`${url}/${path}`, { headers })).text();
        const set = 'nodes/@ix-websocket/node-red/ix-websocket';
        const words = JSON.parse(await get(`${set}/messages?lng=${locale}`, { accept: 'application/json' }));
        assert.deepEqual(flat(words['ix-websocket']), flat(language.editor));
        const help = await get(set, { accept: 'text/html', 'accept-language': locale });
        for (const type of Object.keys(catalog)) assert.ok(help.includes(text(`summaries.${type}`)), type);
      });

      it('is that of the palette, and breaks no word there', async () => {
        for (const { type } of flowNodes) {
          const label = editor.page.locator(`.red-ui-palette-node[data-palette-type="${type}"] .red-ui-palette-label`);
          const lines = await label.evaluate((element) => [...element.childNodes].map(({ textContent }) => textContent ?? ''));
          const shown = lines.flatMap((line) => line.split(/\s+/)).filter((word) => word !== '');
          assert.deepEqual(shown, text(`types.${type}.label`).split(/\s+/));
        }
      });

      it('is that of the status', async () => {
        const stopped = editor.page.locator('.red-ui-flow-node-status-label', { hasText: text('status.stopped') });
        await stopped.first().waitFor();
      });

      for (const { id, type } of flow.filter(({ type }) => type in labels)) {
        it(`is that of the form of ${type}, and has room there`, async () => {
          await editor.edit(id, type, async (form) => {
            const sections = await form.tabs();
            for (const section of sections.length > 0 ? sections : ['']) {
              if (section) await form.tab(section);
              await form.page.evaluate(() => {
                for (const fold of document.querySelectorAll<HTMLDetailsElement>('.ix-form details')) fold.open = true;
              });
              assert.deepEqual(await cutOff(form), [], `no room for it in ${section}`);
            }
            const texts = await said(form);
            assert.deepEqual(
              texts.filter((words) => foreign.has(words)),
              [],
            );
            for (const key of labels[type] ?? []) assert.ok(texts.includes(text(key)), key);
          });
        });
      }

      it('is that of what is wrong', async () => {
        await editor.edit('server', 'ix-server', async (form) => {
          await form.tab('connection');
          await form.fill('port', '80 80');
          const constraint = fill('constraints.integerRange', { min: 0, max: 65535 });
          assert.equal(await form.tooltip('port'), fill('form.invalid', { label: text('options.server.port.label'), constraint }));
          await form.fill('port', '0');
        });
      });

      it('is that of a try of the options', async () => {
        await editor.edit('server', 'ix-server', async ({ page }) => {
          const button = page.locator('.ix-probe > button');
          assert.equal((await button.textContent())?.trim(), text('probe.server'));
          await button.click();
          assert.equal(await page.locator('.ix-answer .ix-sum').textContent(), text('probe.works'));
          const listening = (await page.locator('.ix-answer').textContent()) ?? '';
          for (const part of text('steps.listening').split('__uri__')) assert.ok(listening.includes(part), listening);
        });
      });

      it('is that of the help', async () => {
        for (const type of Object.keys(catalog)) {
          const help = await editor.help(type);
          for (const key of [`summaries.${type}`, 'headings.references', 'references.readme']) assert.ok(help.includes(text(key)), key);
        }
      });
    });
  }
});
