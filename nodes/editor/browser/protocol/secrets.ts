import type { Description } from '../../../../src/conversation/description/read';
import { secretsIn } from '../../../../src/conversation/value';
import { unchangedPassword } from '../../../probe';
import { propertyOf } from '../../properties';
import { expressionsIn, parse, shaped } from '../../values';
import { current, inputOf } from '../open-form';
import { word } from '../translate';
import { readNode } from './check';

/**
 * Shows a password field for each secret that the chosen protocol names. The credential holds the JSON of all of them, so a stored
 * one cannot be changed alone.
 */
export function followSecrets(node: EditedNode, row: (name: string) => JQuery): void {
  if (node.type !== 'ix-client' && node.type !== 'ix-server') return;
  const input = inputOf(node.type, 'secrets').hide();
  const before = String(input.val() ?? '');
  const column = $('<div class="ix-column ix-secrets"></div>').insertAfter(input);
  const follow = () => {
    const ofProtocol = secretsOf(String(current(node, 'protocol') ?? ''));
    const needed = new Set([...ofProtocol.needed, ...secretsOfConnection(node)]);
    const names = [...new Set([...ofProtocol.names, ...needed])];
    row('secrets').toggle(names.length > 0);
    column.empty();
    showFields({ column, input, before, names, needed });
  };
  inputOf(node.type, 'protocol').on('change', follow);
  if (node.type === 'ix-client') for (const name of computedOptions) inputOf(node.type, name).on('change', follow);
  follow();
}

/** Options of a client that may be computed. */
const computedOptions = ['URL', 'headers'];

/** Returns the secrets that the expressions of a client's URL and headers use. */
function secretsOfConnection(node: EditedNode): string[] {
  if (node.type !== 'ix-client') return [];
  return computedOptions.flatMap((name) => {
    const property = propertyOf(node.type, name);
    return expressionsIn(property, shaped(property, current(node, name))).flatMap(secretsIn);
  });
}

interface Secrets {
  readonly names: readonly string[];
  readonly needed: ReadonlySet<string>;
}

/** Returns the secrets of a protocol node: those that it lists, and those that its expressions use. */
function secretsOf(id: string): Secrets {
  const protocol = RED.nodes.node(id) as EditedNode | null;
  if (protocol?.type !== 'ix-protocol') return { names: [], needed: new Set() };
  let description: Pick<Description, 'secrets' | 'needed'>;
  try {
    description = readNode(protocol);
  } catch {
    // Its own form says what is wrong.
    const listed = protocol.secrets;
    description = { secrets: Array.isArray(listed) ? listed.map(String) : [], needed: new Map() };
  }
  const needed = new Set(description.needed.keys());
  return { names: [...new Set([...description.secrets, ...needed])], needed };
}

interface Fields extends Secrets {
  readonly column: JQuery;
  readonly input: JQuery;
  readonly before: string;
}

function showFields({ column, input, before, names, needed }: Fields): void {
  const isStored = () => input.val() === unchangedPassword;
  const known = parse(String(input.val() ?? ''));
  const values = (typeof known === 'object' && known !== null ? known : {}) as Record<string, string>;
  const tip = $('<div class="ix-wrong"></div>').text(word('protocol.allSecrets')).hide();
  const fields = names.map((name) => {
    const field = $('<input type="password" class="ix-control" autocomplete="new-password">')
      .attr({ 'data-secret': name, placeholder: isStored() ? word('protocol.stored') : '' })
      .val(values[name] ?? '');
    $('<label class="ix-secret"></label>').append($('<span></span>').text(name), field).appendTo(column);
    return { name, field, text: () => String(field.val() ?? '') };
  });
  column.append(tip);
  const mark = () => {
    const isMissing = ({ name, text }: (typeof fields)[number]) => needed.has(name) && text() === '' && !isStored();
    for (const each of fields) each.field.toggleClass('input-error', isMissing(each));
    tip.toggle(before === unchangedPassword && fields.some(isMissing));
  };
  for (const { field } of fields) {
    field.on('change keyup paste input', () => {
      const given = fields.filter(({ text }) => text() !== '').map(({ name, text }) => [name, text()]);
      // Nothing entered: what is stored stays.
      const kept = before === unchangedPassword ? before : '';
      input.val(given.length > 0 ? JSON.stringify(Object.fromEntries(given)) : kept).trigger('change');
      mark();
    });
  }
  mark();
}
