/**
 * Build side: the registration of each type. It is written out for each type, because the flow library and Node-RED's
 * scorecard parse the page as text. A loop, a variable or a spread would hide the types from them.
 */
import { type CatalogRow, categories, colours, isConfigRow, type Side } from '../../catalog';
import { needsSocket, nodeTypes } from '../../settings';
import { type Property, propertiesOf } from '../properties';

const quote = (text: string) => JSON.stringify(text);
const indent = (text: string, by = '  ') => text.replace(/^/gm, by);
const object = (entries: readonly string[]) => (entries.length > 0 ? `{\n${indent(entries.join(',\n'))}\n}` : '{}');

/** Returns the call that registers a type. */
export function definition(type: string, row: CatalogRow): string {
  const isConfig = isConfigRow(row);
  const properties = propertiesOf(type);
  const credentials = properties.filter(({ credential }) => credential);
  const title = wordOf(`types.${type}.label`);
  const entries = [
    `category: ${quote(isConfigRow(row) ? 'config' : categories[row.category])}`,
    !isConfig && `color: ${quote(colours[row.side ?? 'none'])}`,
    `defaults: ${object(defaults(type, row, properties))}`,
    credentials.length > 0 && `credentials: ${object(credentials.map((property) => credentialDefault(type, property)))}`,
    !isConfig && `inputs: ${'input' in row ? 1 : 0}`,
    'outputs' in row && `outputs: ${row.outputs.length}`,
    'input' in row && `inputLabels: function () { return ${wordOf(`ports.${row.input}`)}; }`,
    'outputs' in row &&
      `outputLabels: function (port) { return [${row.outputs.map((name) => wordOf(`ports.${name}`)).join(', ')}][port]; }`,
    `icon: ${quote(row.icon)}`,
    `paletteLabel: function () { return ${title}; }`,
    `label: function () { return this.name || ${unnamed(type, row)}${title}; }`,
    !isConfig && 'labelStyle: function () { return this.name ? "node_label_italic" : ""; }',
    !isConfig && row.side !== undefined && takesSocket(type) && `onadd: function () { ixWebSocket.added(this, ${quote(row.side)}); }`,
    'oneditprepare: function () { ixWebSocket.prepare(this); }',
    'oneditsave: function () { ixWebSocket.save(this); }',
    'oneditcancel: function () { ixWebSocket.close(this); }',
    'oneditdelete: function () { ixWebSocket.close(this); }',
  ];
  return `RED.nodes.registerType(${quote(type)}, ${object(entries.filter((entry) => entry !== false))});`;
}

const wordOf = (key: string) => `this._(${quote(`ix-websocket.${key}`)})`;

/** The address of its socket, which a node without a name shows before its title. */
function unnamed(type: string, row: CatalogRow): string {
  if (row.kind === 'config') return 'ixWebSocket.address(this) || ';
  if (row.kind === 'protocol') return '';
  const side = row.kind === 'replay' ? 'this.server ? "server" : "client"' : quote(row.side ?? '');
  return row.short ? `ixWebSocket.about(this, ${side}, ${wordOf(`types.${type}.short`)}) || ` : '';
}

function defaults(type: string, row: CatalogRow, properties: readonly Property[]): readonly string[] {
  return [
    'name: { value: "" }',
    ...sidesOf(row).map((side) => `${side}: { value: "", type: ${quote(`ix-${side}`)}, ${reference(type, side)} }`),
    // The messages of its composer.
    ...(row.kind === 'config' && row.side ? ['messages: { value: "" }'] : []),
    ...properties.filter(({ credential }) => !credential).map((property) => propertyDefault(type, property)),
  ];
}

/** Returns the sides of the sockets that a flow node selects. */
export const sidesOf = (row: CatalogRow): readonly Side[] =>
  row.kind === 'replay' ? ['client', 'server'] : !isConfigRow(row) && row.side ? [row.side] : [];

/** With `required: false` Node-RED does not call a validator for an empty value. */
const reference = (type: string, side: string) =>
  needsSocket(type)
    ? `validate: ixWebSocket.validateSocket(${quote(side)})`
    : type === 'ix-replay'
      ? `validate: ixWebSocket.validateEither(${quote(side)})`
      : 'required: false';

/** A create node creates its own sockets, so it does not select an existing one. */
const takesSocket = (type: string) => !type.endsWith('-create');

const credentialDefault = (type: string, { name, credential }: Property) =>
  `${name}: { type: ${quote(credential ?? '')}, validate: ixWebSocket.validate(${quote(type)}, ${quote(name)}) }`;

const propertyDefault = (type: string, { name, kind, initial }: Property) =>
  nodeTypes[kind]
    ? `${name}: { value: "", type: ${quote(nodeTypes[kind])}, required: false }`
    : `${name}: { value: ${JSON.stringify(initial)}, validate: ixWebSocket.validate(${quote(type)}, ${quote(name)}) }`;
