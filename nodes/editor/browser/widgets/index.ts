import type { Property } from '../../properties';
import { authority } from './authority';
import { checkbox } from './checkbox';
import { deflate } from './deflate';
import { headers } from './headers';
import { networks, subProtocols } from './names';
import { origins } from './origins';
import { pem } from './pem';
import { scheme } from './scheme';
import { select } from './select';
import { text } from './text';
import { typedValue, typeOfValue } from './typed';
import type { Widget } from './widget';

/** The kinds that need more than a text field. */
const kinds: { readonly [K in Property['kind']]?: (property: Property, input: JQuery, type: string) => Widget } = {
  boolean: checkbox,
  choice: select,
  addressFamily: select,
  headers,
  subProtocols,
  origins,
  networks,
  deflate,
  pem,
  ca: authority,
};

/** Returns the widget of a property, around its element in the template. */
export function widgetOf(type: string, property: Property, input: JQuery): Widget {
  if (type === 'ix-client' && property.name === 'tls') return scheme(input);
  if (property.typeOf) return typeOfValue(property, input);
  if (property.typed) return typedValue(input);
  return (kinds[property.kind] ?? text)(property, input, type);
}

export type { Widget };
