/** Returns the tables of the documentation from the declarations, by the name of the marks around them. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorCodes, eventNames } from '../../../src/index';
import { bridgeOptions } from '../../../src/options/bridge';
import { clientOptions } from '../../../src/options/client';
import type { Field, Fields } from '../../../src/options/field';
import { hookOptions } from '../../../src/options/hook';
import { recordingSources, replayOptions } from '../../../src/options/replay';
import { serverOptions } from '../../../src/options/server';
import { commandSettings, configSettings, eventsSettings, nodeSettings, type Setting, socketSettings, typedFields } from '../../settings';
import { rows } from './catalogue';
import { connectionOutputs, connectionRefOutputs, eventOutputs, outputsOf } from './help-words';

/** The names of each kind's values in the documentation. */
const kinds: { readonly [K in Field['kind']]?: string } = {
  url: 'text',
  httpUrl: 'text',
  headers: 'object',
  subProtocols: 'list of text',
  deflate: 'object',
  pem: 'text',
  ca: 'text',
  tlsConfig: 'node',
  proxy: 'node',
  addressFamily: 'number or text',
  choice: 'text',
  closeCode: 'number',
  closeReason: 'text',
  names: 'text or list',
  origins: 'list of text',
  networks: 'list of text',
  path: 'text',
  parameter: 'text',
  dottedPath: 'text',
  subProtocolPrefix: 'text',
  pathPattern: 'text',
  protocol: 'node, text or object',
  secrets: 'object',
  json: 'object or list',
};
const units = { s: 'seconds', ms: 'ms', bytes: 'bytes', bits: 'bits' } as const;

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
const table = (heads: readonly string[], body: readonly (readonly string[])[]) =>
  [heads, heads.map(() => '---'), ...body].map((cells) => `| ${cells.map(cell).join(' | ')} |`).join('\n');
const code = (text: string) => `\`${text}\``;

function options(fields: Fields): string {
  const body = Object.entries(fields).map(([name, field]) => [
    `${code(name)}${field.added ? ' [+]' : ''}`,
    field.unit ? units[field.unit] : (kinds[field.kind] ?? field.kind),
    preset(field),
    `${field.help}${choices(field)}${field.fixed ? ' Fixed at create.' : ''}${field.ownPort ? ' Only on a port of its own.' : ''}`,
  ]);
  return table(['option', 'type', 'default', 'meaning'], body);
}

/** The text of a choice may begin with its name, which the table shows already. */
const choices = ({ choices: given }: Field) =>
  given
    ? ` ${Object.entries(given)
        .map(([name, words]) => `${code(name)}: ${words.replace(new RegExp(`^${name}: `, 'i'), '')}`)
        .join('; ')}.`
    : '';

function preset({ default: value, defaultText }: Field): string {
  if (defaultText !== undefined) return defaultText;
  if (value === undefined) return '–';
  return typeof value === 'object' ? code(JSON.stringify(value)) : String(value);
}

/** Returns the settings of the nodes themselves, besides a socket's options. */
function settings(): string {
  const of = (nodes: string, own: Readonly<Record<string, Setting>>) =>
    Object.entries(own).map(([name, setting]) => {
      const words = setting.kind === 'choice' ? `${setting.help}${choices(setting as Field)}` : setting.help;
      return [nodes, setting.label, code(name), words];
    });
  const ofTyped = (nodes: string, own: Fields) =>
    Object.entries(own).map(([name, { label, help }]) => [nodes, label, `${code(name)}, ${code(`${name}Type`)}`, help]);
  const body = [
    ...of('the two config nodes', configSettings),
    ...of('command nodes, `ix-4d-hook`', commandSettings),
    ...of('nodes that work on one socket', socketSettings),
    ...Object.entries(nodeSettings).flatMap(([type, own]) => of(code(type), own)),
    ...Object.entries(typedFields).flatMap(([type, own]) => ofTyped(code(type), own)),
    ...of('events nodes', eventsSettings),
  ];
  return table(['in', 'field', 'property', 'meaning'], body);
}

/** Returns the plugin's name of a command, spelled as in 4D. */
function pluginCommand(type: string): string {
  if (type === 'ix-set-method') return 'Websocket SET METHOD';
  if (type === 'ix-get-method') return 'Websocket Get method';
  return `Websocket ${type.slice(3).replace('-create', '').replace('-', ' ')}`;
}

function commands(): string {
  const body = rows.flatMap(([type, row]) =>
    row.kind === 'command' ? [[code(type), row.command.added ? '– [+]' : code(pluginCommand(type)), row.summary]] : [],
  );
  return table(['node', 'plugin command', 'what it does'], body);
}

function statuses(): string {
  const body = rows.flatMap(([type, row]) => {
    if (row.kind !== 'command') return [];
    const outputs = outputsOf(type).map(({ name, type: kind, words }) => `${code(name)} ${kind}${words && `: ${words}`}`);
    return [[code(type), outputs.join('<br>')]];
  });
  return table(['node', '`msg.payload`'], body);
}

const codes = () =>
  table(
    ['`errorCode`', 'meaning'],
    Object.entries(errorCodes).map(([name, words]) => [code(name), words]),
  );

const connections = () =>
  table(
    ['property', 'type', 'meaning'],
    connectionOutputs.map(({ name, type, words }) => [code(name), type, words]),
  );

function events(): string {
  const body = eventNames.map((event, port) => {
    const own = eventOutputs(event);
    const more = connectionRefOutputs.filter(({ name }) => !own.some((output) => output.name === name));
    return [
      `${port} ${event}`,
      own.map(({ name, words }) => `${code(name)}: ${words}`).join('<br>'),
      more.map(({ name }) => code(name)).join(', '),
    ];
  });
  return table(['output', '`payload`', 'on a server also'], body);
}

/** Returns the table of the presets. The scripts run in the root of the repository. */
function presets(): string {
  const folder = 'src/presets';
  const body = readdirSync(folder).map((file) => {
    const { description, link, secrets, versions } = JSON.parse(readFileSync(join(folder, file), 'utf8'));
    return [`[${code(file.replace(/\.json$/, ''))}](${link})`, description, secrets.map(code).join(', ') || '–', versions];
  });
  return table(['preset', 'what it is for', 'secrets', 'tried against'], body);
}

export const tables: Readonly<Record<string, () => string>> = {
  settings,
  commands,
  statuses,
  codes,
  connections,
  events,
  presets,
  'options:client': () => options(clientOptions),
  'options:server': () => options(serverOptions),
  'options:hook': () => options(hookOptions),
  'options:bridge': () => options(bridgeOptions),
  'options:replay': () => options({ ...replayOptions, ...recordingSources }),
};
