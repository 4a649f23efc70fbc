/**
 * The properties of each node type's form, made from the declarations. Pure, because the build writes templates and definitions from it,
 * and the browser runs its validators on it.
 */

import { bridgeOptions } from '../../src/options/bridge';
import { clientOptions } from '../../src/options/client';
import type { Field, Fields, Section } from '../../src/options/field';
import { hookOptions } from '../../src/options/hook';
import type { Kind } from '../../src/options/kinds';
import { protocolOptions } from '../../src/options/protocol';
import { recordingSources, replayOptions } from '../../src/options/replay';
import { serverOptions } from '../../src/options/server';
import { maxPayloadOf, sendLimits, sharedOptions } from '../../src/options/shared';
import { tlsOptions } from '../../src/options/tls';
import { authorizeSettings, prepareSettings } from '../decider-settings';
import {
  commandSettings,
  configSettings,
  eventsSettings,
  needsSocket,
  nodeSettings,
  type Setting,
  socketSettings,
  typedFields,
} from '../settings';

/** One property of a node that its form shows. */
export interface Property {
  readonly name: string;
  /** The key of its words in the catalogue: `<key>.label`, `<key>.help`. */
  readonly key: string;
  readonly kind: Kind;
  readonly label: string;
  readonly help: string;
  /** The declaration, for the check. */
  readonly field: Field;
  /** The value in a new node. An option that is not set is empty, and its default applies. */
  readonly initial: boolean | string;
  /** The default in the form. */
  readonly placeholder?: string;
  /** The key of the default in the catalogue, if it is a word (`off`) and not a value. */
  readonly placeholderKey?: string;
  readonly section?: Section;
  readonly credential?: 'text' | 'password';
  /** A typed field: the declaration of its values. Its type is the property `<name>Type`. */
  readonly typed?: Field;
  /** The type of a typed field, which its row shows too: the name of the field. */
  readonly typeOf?: string;
  /** The kind of the values of that field. */
  readonly values?: Kind;
}

/** The owner of the option: a socket, a protocol, a replay, a 4D hook or a 4D bridge. */
export type Owner = 'client' | 'server' | 'hook' | 'protocol' | 'bridge' | 'replay';
const owners: Record<Owner, Fields> = {
  client: clientOptions,
  server: serverOptions,
  hook: hookOptions,
  protocol: protocolOptions,
  bridge: bridgeOptions,
  replay: { ...replayOptions, ...recordingSources },
};

/** Options that are declared once for several owners. */
const shared: Fields = { ...sharedOptions, ...tlsOptions, maxPayload: maxPayloadOf(0), ...sendLimits };

/**
 * Returns the translation key of an option. It contains the owner of the words: `shared`, if the owner uses the shared
 * declaration. So a new option never changes the key of another owner's option.
 */
export function optionKey(owner: Owner, name: string): string {
  const [own, common] = [owners[owner][name], shared[name]];
  const isShared = own && common && own.label === common.label && own.help === common.help;
  return `options.${isShared ? 'shared' : owner}.${name}`;
}

/** Returns the default as the form shows it: a value as it is, a word translated. */
function placeholderOf(key: string, text: string | undefined, value: unknown): Pick<Property, 'placeholder' | 'placeholderKey'> {
  if (text === undefined) return typeof value === 'object' ? {} : { placeholder: String(value ?? '') };
  return { placeholder: text, ...(/^[a-z]+$/.test(text) && { placeholderKey: `${key}.placeholder` }) };
}

const ofField = (owner: Owner, name: string, field: Field): Property => ({
  name,
  key: optionKey(owner, name),
  kind: field.kind,
  label: field.label,
  help: field.help,
  field,
  initial: field.kind === 'boolean' ? field.default === true : field.preset ? String(field.default) : '',
  ...placeholderOf(optionKey(owner, name), field.defaultText, field.default),
  ...(field.section && { section: field.section }),
  ...(field.credential && { credential: field.credential }),
});

const ofSetting = (name: string, setting: Setting): Property => {
  // The additional properties of a setting are for the form only.
  const field = setting as Field;
  const initial = 'initial' in setting ? setting.initial : setting.kind === 'choice' ? (Object.keys(setting.choices)[0] ?? '') : '';
  return {
    name,
    key: `settings.${('key' in setting && setting.key) || name}`,
    label: setting.label,
    help: setting.help,
    kind: setting.kind,
    field,
    initial,
    ...(setting.kind === 'number' && placeholderOf(`settings.${name}`, setting.placeholder, setting.default)),
  };
};

/** Returns the translation key of a typed field. A request has its own words for what other nodes have too. */
const fieldKey = (type: string, name: string) =>
  type.endsWith('-request') && name !== 'message' ? `fields.request.${name}` : `fields.${name}`;

/** Returns the two properties of a typed field: its type, which the widget shows first, and its value. */
function ofTyped(type: string, name: string, field: Field): Property[] {
  const { label, help, icon, shownIf } = field;
  const text: Field = { kind: 'text', label, help, ...(icon && { icon }), ...(shownIf && { shownIf }) };
  const common = { key: fieldKey(type, name), kind: 'text', label, help } as const;
  // A new send node shows that it sends msg.payload.
  const [source, value] = name === 'message' ? ['msg', 'payload'] : ['', ''];
  return [
    { ...common, name: `${name}Type`, field: { kind: 'text', label, help }, initial: source, typeOf: name, values: field.kind },
    { ...common, name, field: text, initial: value, typed: field },
  ];
}

const fromTyped = (type: string) => Object.entries(typedFields[type] ?? {}).flatMap(([name, field]) => ofTyped(type, name, field));

const fromFields = (owner: Owner) => Object.entries(owners[owner]).map(([name, field]) => ofField(owner, name, field));
const fromSettings = (settings: Record<string, Setting>) => Object.entries(settings).map(([name, setting]) => ofSetting(name, setting));

/** The properties of the types that have options of their own. */
const ofOwners: { readonly [type: string]: readonly Property[] } = {
  'ix-client': [...fromSettings(configSettings), ...fromFields('client')],
  'ix-server': [...fromSettings(configSettings), ...fromFields('server')],
  'ix-server-authorize': fromSettings(authorizeSettings),
  'ix-client-prepare': fromSettings(prepareSettings),
  'ix-protocol': fromFields('protocol'),
  'ix-4d-bridge': fromFields('bridge'),
  'ix-replay': [...fromFields('replay'), ...fromSettings(commandSettings)],
  'ix-4d-hook': [...fromSettings(commandSettings), ...fromFields('hook')],
};

/** Returns the properties of a type, in the order of its form. `name` and the reference to a config node are separate. */
export function propertiesOf(type: string): readonly Property[] {
  const own = ofOwners[type];
  if (own) return own;
  if (type.endsWith('-events')) return fromSettings(eventsSettings);
  const settings = { ...(needsSocket(type) && socketSettings), ...nodeSettings[type] };
  return [...fromSettings(settings), ...fromTyped(type), ...fromSettings(commandSettings)];
}

/** Returns the properties that have a row of their own. */
export const shownProperties = (type: string) => propertiesOf(type).filter(({ typeOf }) => !typeOf);

/** Returns the property with this name. */
export function propertyOf(type: string, name: string): Property {
  const found = propertiesOf(type).find((property) => property.name === name);
  if (!found) throw new Error(`The type ${type} has no property ${name}.`);
  return found;
}
