import type { TakenOptions } from '../paste/draft';
import { type Pasted, readPaste } from '../paste/paste';
import { propertyOf } from '../properties';
import { asText, isEmpty } from '../values';
import { current, inputOf } from './open-form';
import { word } from './translate';
import type { Widget } from './widgets';

/** The part of a form that a paste changes. */
interface Filled {
  readonly widgets: readonly { name: string; widget: Widget }[];
  /** Brings an option into view, and gives it the focus. */
  show(name: string): void;
}

type Name = keyof TakenOptions;
const files: readonly Name[] = ['certFile', 'keyFile', 'caFile'];
/** Options that a TLS configuration node replaces. */
const replaced: readonly string[] = [...files, 'passphrase', 'ciphers'];

const label = (name: string) => word(`${propertyOf('ix-client', name).key}.label`);

/** Fills the form of a client from a command, or from a URL with a login, that is pasted into its URL. */
export function fillFromPaste(node: EditedNode, { widgets, show }: Filled): void {
  if (node.type !== 'ix-client') return;
  const input = inputOf(node.type, 'URL').attr('placeholder', word('paste.hint'));
  const report = $('<div class="ix-pasted" role="status" aria-live="polite"></div>').appendTo(input.closest('.form-row'));
  const fieldOf = (name: string) => ({ input: inputOf(node.type, name), widget: widgets.find((one) => one.name === name)?.widget });
  const read = (name: string) => {
    const { input, widget } = fieldOf(name);
    return widget ? widget.read() : input.val();
  };
  const fill = (name: string, value: unknown) => {
    const { input, widget } = fieldOf(name);
    if (widget) widget.show(value);
    else input.val(asText(value));
    input.trigger('change').closest('details').prop('open', true);
  };

  input.on('paste', (event) => {
    const text = (event.originalEvent as ClipboardEvent | undefined)?.clipboardData?.getData('text') ?? '';
    const pasted = readPaste(text);
    if (!pasted || (/^\s*\w+:\/\//.test(text) && !isReplacedWhole(input))) return;
    event.preventDefault();
    const { names, left } = fittingOf(node, pasted);
    const before = names.map((name) => [name, read(name)] as const);
    for (const name of names) fill(name, pasted.options[name]);
    const undo = () => {
      for (const [name, value] of before) fill(name, value);
      report.empty();
      input.trigger('focus');
    };
    report.empty().append(sentences(pasted, names, left, show), button(word('paste.undo'), undo));
  });
}

/** Returns true if what is pasted replaces the whole text of a field. */
function isReplacedWhole(input: JQuery): boolean {
  const { value, selectionStart, selectionEnd } = input[0] as HTMLInputElement;
  return selectionStart === 0 && selectionEnd === value.length;
}

/** Returns the options to fill, and what is left out. */
function fittingOf(node: EditedNode, { options, notTaken }: Pasted): { names: readonly Name[]; left: readonly string[] } {
  const hasTlsConfig = !isEmpty(current(node, 'tlsConfig'));
  const names = Object.keys(options) as Name[];
  const fits = (name: Name) => !hasTlsConfig || !replaced.includes(name);
  return { names: names.filter(fits), left: [...notTaken, ...names.filter((name) => !fits(name)).map(label)] };
}

/** Returns the lines that report what was filled and what was not. */
function sentences({ options }: Pasted, names: readonly Name[], left: readonly string[], show: (name: string) => void): JQuery[] {
  const line = (text: string) => $('<div></div>').text(text);
  const filled = line(`${word('paste.filled')} `);
  for (const [index, name] of names.entries()) {
    filled.append(
      index > 0 ? ', ' : '',
      button(label(name), () => show(name)),
    );
  }
  const secret = Object.entries(options.headers ?? {}).find(
    ([name, value]) => /^(proxy-)?authorization$|cookie|token|key|secret/i.test(name) && !value.includes('${'),
  );
  const hasFiles = names.some((name) => files.includes(name) && options[name] !== 'NONE');
  return [
    filled,
    ...(left.length > 0 ? [line(`${word('paste.notTaken')} ${left.join(', ')}`)] : []),
    ...(hasFiles ? [line(word('paste.files'))] : []),
    ...(secret ? [line(word('paste.inFlow', { name: secret[0] }))] : []),
  ];
}

const button = (text: string, click: () => void) => $('<button type="button" class="ix-link"></button>').text(text).on('click', click);
