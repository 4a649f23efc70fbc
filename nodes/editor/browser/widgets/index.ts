import type { Property } from '../../properties';
import { heartbeat } from '../protocol/heartbeat';
import { presetChoice } from '../protocol/presets';
import { rules } from '../protocol/rules';
import { steps } from '../protocol/steps';
import { authority } from './authority';
import { checkbox } from './checkbox';
import { deflate } from './deflate';
import { headers } from './headers';
import { json } from './json';
import { networks, secretNames, subProtocols } from './names';
import { origins } from './origins';
import { pem } from './pem';
import { recording } from './recording';
import { scheme } from './scheme';
import { select } from './select';
import { text } from './text';
import { typedValue, typeOfValue } from './typed';
import { url } from './url';
import type { Widget } from './widget';

/** The kinds that need more than a text field. */
const kinds: { readonly [K in Property['kind']]?: (property: Property, input: JQuery, type: string) => Widget } = {
  boolean: checkbox,
  choice: select,
  addressFamily: select,
  url,
  headers,
  subProtocols,
  origins,
  networks,
  deflate,
  pem,
  ca: authority,
  json,
};

/** The fields of a protocol that have a widget of their own. */
const ofProtocol: Readonly<Record<string, (property: Property, input: JQuery) => Widget>> = {
  preset: (_, input) => presetChoice(input),
  secrets: secretNames,
  onOpen: steps,
  answers: rules,
  heartbeat,
};

/** Returns the widget of a property, around its element in the template. */
export function widgetOf(type: string, property: Property, input: JQuery): Widget {
  if (type === 'ix-client' && property.name === 'tls') return scheme(input);
  if (property.typeOf) return typeOfValue(property, input);
  if (property.typed) return typedValue(input);
  if (type === 'ix-replay' && property.name === 'recording') return recording(property, input);
  const own = type === 'ix-protocol' && ofProtocol[property.name];
  if (own) return own(property, input);
  return (kinds[property.kind] ?? text)(property, input, type);
}

export type { Widget };
