/** Build side: the form of each type, as Node-RED's template. */
import { sections } from '../../../src/index';
import { type CatalogRow, isConfigRow } from '../../catalog';
import { type Property, shownProperties } from '../properties';
import { sidesOf } from './definition';
import { attribute, lines } from './html';

/** The symbol before the label of an option that declares none. */
const kindIcons: { readonly [K in Property['kind']]?: string } = { number: 'hashtag', boolean: 'check', tlsConfig: 'shield' };

/** Returns the form of a type, between its script tags. */
export function template(type: string, row: CatalogRow): string {
  const prefix = isConfigRow(row) ? 'node-config-input' : 'node-input';
  const rowOf = (property: Property) => formRow(prefix, type, property);
  // The rows of options that another replaces come after it.
  const isReplaced = ({ field }: Property) => Number(field.replacedBy !== undefined);
  const properties = [...shownProperties(type)].sort((a, b) => isReplaced(a) - isReplaced(b));
  return lines(
    `<script type="text/html" data-template-name="${type}">`,
    '<div class="ix-form">',
    nameRow(prefix),
    sidesOf(row).map((side) => socketRow(prefix, side)),
    folded(
      properties.filter(({ section }) => !section),
      rowOf,
    ),
    properties.some(({ section }) => section) && tabs(type, properties, rowOf),
    row.kind === 'config' && probe(row.side),
    '</div>',
    '</script>',
  );
}

const label = (id: string, icon: string, words: string, help?: string) =>
  `<label for="${id}"${help ? ` data-i18n="[title]${help}"` : ''}><i class="fa fa-${icon}"></i> <span data-i18n="${words}"></span></label>`;

const nameRow = (prefix: string) =>
  lines(
    '<div class="form-row">',
    label(`${prefix}-name`, 'tag', 'node-red:common.label.name'),
    `<input type="text" class="ix-control" id="${prefix}-name" data-i18n="[placeholder]node-red:common.label.name">`,
    '</div>',
  );

const socketRow = (prefix: string, side: string) =>
  lines(
    '<div class="form-row">',
    label(`${prefix}-${side}`, side === 'client' ? 'plug' : 'server', `ix-websocket.form.${side}`),
    `<input type="text" class="ix-control" id="${prefix}-${side}" style="width:100%">`,
    '</div>',
  );

/** Returns a tab for each section that has options. */
function tabs(type: string, properties: readonly Property[], rowOf: (property: Property) => string): string {
  const pages = sections
    .map((section) => ({ section, own: properties.filter((property) => property.section === section) }))
    .filter(({ own }) => own.length > 0);
  return lines(
    `<div class="form-row ix-tabs"><ul id="${type}-tabs"></ul></div>`,
    `<div id="${type}-tabs-content">`,
    pages.map(({ section, own }) =>
      lines(
        `<div id="${type}-tab-${section}" class="ix-section">`,
        own.every(({ field }) => field.ownPort) && '<div class="form-tips ix-shared-tip" data-i18n="ix-websocket.form.sharedPort"></div>',
        folded(own, rowOf),
        '</div>',
      ),
    ),
    '</div>',
  );
}

/** Returns rows, with the rare ones folded. */
function folded(properties: readonly Property[], rowOf: (property: Property) => string): string {
  const rare = properties.filter(({ field }) => field.rare);
  return lines(
    properties.filter(({ field }) => !field.rare).map(rowOf),
    rare.length > 0 && '<details class="ix-more"><summary data-i18n="ix-websocket.form.more"></summary>',
    rare.map(rowOf),
    rare.length > 0 && '</details>',
  );
}

/** The button that tests the current options of the form; see `probe.ts`. */
const probe = (side: 'client' | 'server') =>
  lines(
    '<div class="ix-probe">',
    `<button type="button" class="red-ui-button"><i class="fa fa-stethoscope"></i> <span data-i18n="ix-websocket.probe.${side}"></span></button>`,
    '<div class="ix-answer" role="status" aria-live="polite"></div>',
    '</div>',
  );

function formRow(prefix: string, type: string, property: Property): string {
  const { name, key, kind, field } = property;
  const id = `${prefix}-${name}`;
  const icon = field.icon ?? kindIcons[kind] ?? 'font';
  return lines(
    `<div class="form-row${field.replacedBy ? ' ix-replaced' : ''}${field.ownPort ? ' ix-own-port' : ''}" data-option="${name}">`,
    label(id, icon, `ix-websocket.${key}.label`, `ix-websocket.${key}.help`),
    control(id, type, property),
    field.unit && `<span class="ix-unit" data-i18n="ix-websocket.units.${field.unit}"></span>`,
    '</div>',
  );
}

/** Returns the element for the property's widget. */
function control(id: string, type: string, { name, kind, key, field, credential, placeholder, placeholderKey, typed }: Property): string {
  const word = placeholderKey && ` data-i18n="[placeholder]ix-websocket.${placeholderKey}"`;
  const hint = word ?? (placeholder ? ` placeholder="${attribute(placeholder)}"` : '');
  if (typed) return lines(`<input type="text" class="ix-control" id="${id}">`, `<input type="hidden" id="${id}Type">`);
  if (credential) return `<input type="${credential}" class="ix-control" id="${id}">`;
  if (field.choices) {
    const options = Object.keys(field.choices).map(
      (choice) => `<option value="${choice}" data-i18n="ix-websocket.${key}.choices.${choice}"></option>`,
    );
    return lines(`<select class="ix-control" id="${id}">`, options, '</select>');
  }
  // Its options are the presets.
  if (type === 'ix-protocol' && name === 'preset') return `<select class="ix-control" id="${id}"></select>`;
  switch (kind) {
    case 'headers':
    case 'subProtocols':
    case 'deflate':
      // Hidden behind a view that mirrors it.
      return `<input type="text" class="ix-control" id="${id}" placeholder="\${NAME}">`;
    case 'boolean':
      return type === 'ix-client' && name === 'tls' ? `<input type="hidden" id="${id}">` : `<input type="checkbox" id="${id}">`;
    case 'addressFamily':
      return `<select class="ix-control" id="${id}"><option value="4">IPv4</option><option value="6">IPv6</option></select>`;
    case 'pem':
    case 'ca':
      return `<textarea rows="1" class="ix-control" id="${id}" spellcheck="false" data-i18n="[placeholder]ix-websocket.form.pem"></textarea>`;
    case 'json':
      return `<textarea rows="6" class="ix-control ix-json" id="${id}" spellcheck="false"></textarea>`;
    case 'tlsConfig':
    case 'proxy':
    case 'protocol':
      return `<input type="text" class="ix-control" id="${id}" style="width:100%">`;
    case 'number':
      return `<input type="text" inputmode="numeric" class="ix-control ix-number" id="${id}"${hint}>`;
    default:
      return `<input type="text" class="ix-control" id="${id}"${hint}>`;
  }
}
