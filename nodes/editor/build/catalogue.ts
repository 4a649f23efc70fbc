/**
 * Build side: every translated text in English, by key. `editor` goes to the browser and to the runtime as
 * Node-RED's message catalogue; `help` is used only to build the help pages. A language file in `locales/` has
 * the same two halves with the same keys.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { briefs, constraints, errorCodes, eventNames, refusals } from '../../../src/index';
import { type CatalogRow, catalog } from '../../catalog';
import { type Property, shownProperties } from '../properties';
import { composerWords } from './composer-words';
import { connectionOutputs, eventOutputs, helpWords, inputKey, outputsOf } from './help-words';
import { liveWords } from './live-words';
import { protocolWords } from './protocol-words';
import {
  convertWords,
  deflateWords,
  formWords,
  pasteWords,
  probeWords,
  quickWords,
  sectionWords,
  statusWords,
  stepWords,
  tourWords,
  unitWords,
} from './words';

/** Texts by key, nested at the dots of the keys. */
export interface Words {
  [key: string]: string | Words;
}
export interface Language {
  readonly editor: Words;
  readonly help: Words;
}

export const rows: readonly (readonly [string, CatalogRow])[] = Object.entries<CatalogRow>(catalog);

/** Returns the English texts from the declarations. */
export function english(): Language {
  const editor: Words = {
    sections: { ...sectionWords },
    units: { ...unitWords },
    form: { ...formWords },
    convert: { ...convertWords },
    deflate: { ...deflateWords },
    constraints: { ...constraints },
    status: { ...statusWords },
    failures: { ...briefs },
    refusals: { ...refusals },
    paste: { ...pasteWords },
    quick: { ...quickWords },
    tour: { ...tourWords },
    probe: { ...probeWords },
    steps: { ...stepWords },
    protocol: { ...protocolWords },
    live: { ...liveWords },
    composer: { ...composerWords },
    presets: presetWords(),
  };
  const help: Words = { ...(structuredClone(helpWords) as unknown as Words), codes: { ...errorCodes } };
  for (const [type, row] of rows) {
    put(editor, `types.${type}.label`, row.label);
    if ('short' in row && row.short) put(editor, `types.${type}.short`, row.short);
    for (const name of portsOf(row)) put(editor, `ports.${name}`, name);
    put(help, `summaries.${type}`, row.summary);
    for (const property of shownProperties(type)) putProperty(editor, property);
    if (row.kind !== 'command') continue;
    for (const [name, field] of Object.entries(row.command.fields)) {
      if (!field.section) put(help, inputKey(row.command, name), field.help);
    }
    for (const { key, words } of outputsOf(type)) if (words) put(help, key, words);
  }
  for (const { key, words } of [...eventNames.flatMap(eventOutputs), ...connectionOutputs]) put(help, key, words);
  return { editor, help };
}

/** Returns the descriptions of the presets. A key of the catalogue has no dots. */
function presetWords(): Words {
  const files = readdirSync('src/presets').filter((name) => name.endsWith('.json'));
  const described = files.sort().map((name) => {
    const { description } = JSON.parse(readFileSync(join('src/presets', name), 'utf8')) as { readonly description: string };
    return [name.slice(0, -'.json'.length).replaceAll('.', '_'), description];
  });
  return Object.fromEntries(described);
}

/** The labels of the ports of a node. */
const portsOf = (row: CatalogRow): readonly string[] => [...('input' in row ? [row.input] : []), ...('outputs' in row ? row.outputs : [])];

function putProperty(words: Words, { key, label, help, placeholder = '', placeholderKey, field: { choices = {} } }: Property): void {
  put(words, `${key}.label`, label);
  put(words, `${key}.help`, help);
  if (placeholderKey) put(words, placeholderKey, placeholder);
  for (const [choice, text] of Object.entries(choices)) put(words, `${key}.choices.${choice}`, text);
}

/** A repeated key must have the same text. Otherwise two declarations share a name with different explanations. */
function put(words: Words, key: string, text: string): void {
  const [first = '', ...rest] = key.split('.');
  if (rest.length > 0) {
    words[first] ??= {};
    put(words[first] as Words, rest.join('.'), text);
  } else if (words[first] !== undefined && words[first] !== text) {
    throw new Error(`The words ${key} are said in two ways: "${words[first]}" and "${text}".`);
  } else words[first] = text;
}

/** Returns every key of some words, with its text. */
export function flat(words: Words, prefix = ''): Record<string, string> {
  return Object.fromEntries(
    Object.entries(words).flatMap(([key, value]) =>
      typeof value === 'string' ? [[`${prefix}${key}`, value]] : Object.entries(flat(value, `${prefix}${key}.`)),
    ),
  );
}

/** Returns the text of a key in a language, otherwise in English. */
export function lookup(language: Language): (key: string) => string {
  const own = { ...flat(language.editor), ...flat(language.help) };
  const { editor, help } = english();
  const basic = { ...flat(editor), ...flat(help) };
  return (key) => {
    const text = own[key] ?? basic[key];
    if (text === undefined) throw new Error(`No declaration has the words ${key}.`);
    return text;
  };
}
