/** The functions that the node definitions of the page call, bundled as `ixWebSocket`. */
import { shownUrl } from '../../../src/core/text';
import type { Field } from '../../../src/options/field';
import { isTyped } from '../../../src/options/typed-value';
import { unchangedPassword } from '../../probe';
import { nodeTypes } from '../../settings';
import { type Property, propertiesOf, propertyOf } from '../properties';
import { asText, asValue, isEmpty, isEnv, parse, problemOf } from '../values';
import { current, forms, inputOf } from './open-form';
import { fillFromPaste } from './paste';
import { makeProbe } from './probe';
import { problemText, sentenceOf } from './problem';
import { fillFromPreset } from './protocol/presets';
import { followSecrets } from './protocol/secrets';
import { offerQuickStart } from './quick-start';
import { followFromMessage } from './socket-choice';
import { Tabs } from './tabs';
import { word } from './translate';
import { widgetOf } from './widgets';

export { addActions } from './convert-action';
export { addSidebar } from './sidebar/sidebar';
export { added, validateEither, validateSocket } from './socket-choice';
export { addTour, tour } from './tour';

const json = (value: unknown) => JSON.stringify(value) ?? '';

/** Shows a node in the open dialog. */
export function prepare(node: EditedNode): void {
  const properties = propertiesOf(node.type).filter(({ kind, credential }) => !nodeTypes[kind] && !credential);
  const widgets = properties.map((property) => {
    const widget = widgetOf(node.type, property, inputOf(node.type, property.typeOf ?? property.name));
    widget.show(node[property.name]);
    return { name: property.name, widget, before: json(widget.read()) };
  });
  const form = inputOf(node.type, 'name').closest('.ix-form');
  unfold(node, form);
  const tabs = new Tabs(node.type);
  const row = (name: string) => form.find(`.form-row[data-option="${name}"]`);
  const show = (name: string) => {
    tabs.show(row(name));
    row(name).find('input:visible, select:visible, textarea:visible').first().trigger('focus');
  };
  forms.set(node, { widgets, end: makeProbe(node, form, { options: () => optionsOf(node), row, show }) });
  followTlsConfig(node.type);
  followConditions(node, row);
  followListenOn(node, form, row);
  presetPing(node, row);
  followFromMessage(node, row);
  fillFromPreset(node, widgets);
  fillFromPaste(node, { widgets, show });
  offerQuickStart(node, form, widgets);
  followSecrets(node, row);
}

/**
 * Saves changed values. Unchanged values keep their form in the flow.
 *
 * Node-RED then writes each field's text into the property, so the ids of the fields are removed.
 */
export function save(node: EditedNode): void {
  for (const { name, widget, before } of forms.get(node)?.widgets ?? []) {
    const value = widget.read();
    if (json(value) !== before) node[name] = value;
    inputOf(node.type, name).removeAttr('id');
  }
  close(node);
}

/** Releases the closed form. */
export function close(node: EditedNode): void {
  forms.get(node)?.end();
  forms.delete(node);
}

/** Returns the validator of a property, which reports what the runtime would refuse. Node-RED requires two parameters. */
export function validate(type: string, name: string) {
  const property = propertyOf(type, name);
  return function (this: EditedNode, value: unknown, _opt: unknown): true | string {
    if (isEmpty(value) && isNeeded(this, property.field)) return word('form.needed', { label: word(`${property.key}.label`) });
    if (property.credential && value === unchangedPassword) return true;
    if (!property.typed) return sentenceOf(property, value) ?? true;
    const problem = typedProblem(this, property, value);
    if (typeof problem === 'string') return problem;
    return problem ? problemText(property, problem) : true;
  };
}

/** Returns the problem of a typed field: what Node-RED finds, or what the runtime would refuse of a value that is known now. */
function typedProblem(node: EditedNode, property: Property, value: unknown): string | ReturnType<typeof problemOf> {
  const { typed, name } = property;
  const type = asText(current(node, `${name}Type`));
  if (!typed || type === '') return undefined;
  const valid = RED.utils?.validateTypedProperty?.(asText(value), type, { label: word(`${property.key}.label`) }) ?? true;
  if (valid !== true) return valid || word('form.invalidValue');
  const isKnown = typed.kind !== 'text' && ['str', 'num', 'json'].includes(type);
  return isKnown
    ? problemOf({ ...property, kind: typed.kind, field: typed }, type === 'json' ? parse(asText(value)) : asText(value))
    : undefined;
}

/** Returns true if the other options of a form ask for this one. */
function isNeeded(node: EditedNode, { neededIf, ownPort }: Field): boolean {
  if (!neededIf || (ownPort && isShared(node))) return false;
  return Object.entries(neededIf).every(([other, value]) => [value].flat().includes(asText(current(node, other))));
}

/** Returns true if a server uses the port of Node-RED. */
const isShared = (node: EditedNode) => current(node, 'listenOn') === 'node-red';

/** Returns the label of a config node without a name: the address it connects to or listens on. Without a query, which may hold a token. */
export function address(node: EditedNode): string {
  // An expression is shown as it is.
  if (isTyped(node.URL)) return asText(node.URL.value).slice(0, 60);
  if (node.type === 'ix-client') return plainUrl(node.URL).replace(/^wss?:\/\/|\/$/gi, '');
  if (node.listenOn === 'node-red') return plainUrl(node.path);
  const of = (name: string) => (isEmpty(node[name]) ? (propertyOf('ix-server', name).placeholder ?? '') : String(node[name]));
  const host = of('host');
  return `${/^[^[\]$]*:/.test(host) ? `[${host}]` : host}:${of('port')}`;
}

const plainUrl = (url: unknown) =>
  shownUrl(
    asText(url)
      .trim()
      .replace(/[?#].*/s, ''),
  );

/** Returns the label of a flow node without a name: its action, and the name or address of its socket. */
export function about(node: EditedNode, side: string, does: string): string {
  const config = RED.nodes.node(String(node[side] ?? '')) as EditedNode | null;
  if (!config) return '';
  const of = asText(config.name) || address(config);
  return of && `${does} · ${of}`;
}

/** Returns the options of a config node from its open form. */
const optionsOf = (node: EditedNode) =>
  Object.fromEntries(
    propertiesOf(node.type)
      .filter(({ section }) => section)
      .map(({ name }) => [name, current(node, name)]),
  );

/** Folds rare options, except for those with a value. */
function unfold(node: EditedNode, form: JQuery): void {
  const saysSomething = (property: Property) => {
    const { name, field, initial } = property;
    return !isEmpty(node[name]) && asText(asValue(property, asText(node[name]))) !== asText(field.default ?? initial);
  };
  for (const property of propertiesOf(node.type).filter(saysSomething)) {
    form.find(`.form-row[data-option="${property.name}"]`).closest('details').prop('open', true);
  }
}

/** Hides the options that a TLS configuration node replaces. */
function followTlsConfig(type: string): void {
  const choice = inputOf(type, 'tlsConfig');
  const replaced = choice.closest('.ix-section').find('.ix-replaced');
  choice.on('change', () => void replaced.toggle(['', '_ADD_', null].includes(choice.val() as string | null)));
}

/** Shows an option only while its condition is true. An environment variable may have any value. */
function followConditions(node: EditedNode, row: (name: string) => JQuery): void {
  for (const { name, field } of propertiesOf(node.type)) {
    const conditions = Object.entries(field.shownIf ?? {});
    if (conditions.length === 0) continue;
    const follow = () => {
      const isShown = conditions.every(([option, value]) => {
        const chosen = asText(current(node, option));
        return [value].flat().includes(chosen) || isEnv(chosen);
      });
      row(name).toggle(isShown);
    };
    // The select, and the text field that replaces it.
    for (const [option] of conditions) row(option).on('change keyup paste input', follow);
    follow();
  }
}

/** Hides the options of a dedicated port if the server does not have one. */
function followListenOn(node: EditedNode, form: JQuery, row: (name: string) => JQuery): void {
  if (node.type !== 'ix-server') return;
  const follow = () => void form.toggleClass('ix-shared', isShared(node));
  row('listenOn').on('change keyup paste input', follow);
  follow();
}

/** Sets a visible ping for a new server that others can reach. Without one, disappeared peers keep their places. */
function presetPing(node: EditedNode, row: (name: string) => JQuery): void {
  if (node.type !== 'ix-server' || RED.nodes.node(node.id)) return;
  const ping = inputOf(node.type, 'pingInterval');
  const follow = () => {
    const host = asText(current(node, 'host')).trim();
    const isReachable = isShared(node) || !/^(localhost|127\..*|\[?::1\]?|)$/.test(host);
    if (ping.val() === (isReachable ? '' : presetPingSecs)) ping.val(isReachable ? presetPingSecs : '').trigger('change');
  };
  // A value that the user typed stays.
  ping.one('keydown paste', () => void row('host').add(row('listenOn')).off('.ix-ping'));
  row('host').add(row('listenOn')).on('change.ix-ping keyup.ix-ping paste.ix-ping input.ix-ping', follow);
}
const presetPingSecs = '30';
