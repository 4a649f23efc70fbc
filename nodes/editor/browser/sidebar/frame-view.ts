import type { FrameRow } from '../../../live';
import { injectOf } from '../../live/export';
import { bytesOf, hexDump, jsonOf } from '../../live/text';
import { word } from '../translate';
import { element, iconButton } from './dom';

/** The longest text that is shown, characters. A browser takes seconds for more. */
const maxShown = 256 * 1024;

/** Returns the whole of a frame with its buttons: JSON folded, text, or a hex dump. */
export function frameView(frame: FrameRow): HTMLElement {
  const { text, base64 = '', isCut, kind } = frame;
  const tools = element('div', 'ix-live-frame-tools');
  const body = element('div', 'ix-live-frame-body');
  const isMessage = kind === 'text' || kind === 'binary';
  const value = text === undefined ? undefined : jsonOf(text);
  const show = (as: 'json' | 'text' | 'hex') => body.replaceChildren(content(frame, as));
  const choose = (as: 'json' | 'text' | 'hex', label: string) => {
    const button = element('button', 'red-ui-button red-ui-button-small', word(label)) as HTMLButtonElement;
    button.type = 'button';
    button.addEventListener('click', () => show(as));
    tools.append(button);
  };
  if (value !== undefined) choose('json', 'live.json');
  choose('text', 'live.text');
  choose('hex', 'live.hex');
  const copied = text ?? base64;
  const copy = iconButton('clipboard', word('live.copy'), () => void RED.clipboard.copyText(copied, $(copy), word('live.copied')));
  tools.append(copy);
  if (isMessage) {
    const inject = iconButton('sign-in', word('live.inject'), () => placeInject(frame));
    inject.disabled = isCut;
    tools.append(inject);
  }
  const children = [tools, body];
  if (isCut) children.push(element('div', 'ix-live-note', word('live.cut')));
  show(value !== undefined ? 'json' : text === undefined ? 'hex' : 'text');
  return element('div', 'ix-live-frame-view', ...children);
}

function content({ text, base64 = '' }: FrameRow, as: 'json' | 'text' | 'hex'): HTMLElement {
  if (as === 'json' && text !== undefined) {
    return RED.utils.createObjectElement(jsonOf(text), { hideKey: false, typeHint: '', ontoggle: () => {} })[0] as HTMLElement;
  }
  const bytes = as === 'hex' ? (text === undefined ? bytesOf(base64) : new TextEncoder().encode(text)) : undefined;
  if (bytes) return element('pre', 'ix-live-pre', hexDump(bytes));
  return element('pre', 'ix-live-pre', (text ?? new TextDecoder().decode(bytesOf(base64))).slice(0, maxShown));
}

/** Attaches an inject node with the payload of a frame to the mouse, as an import does. */
function placeInject(frame: FrameRow): void {
  RED.view.importNodes([injectOf(frame)], { generateIds: true, addFlow: false, notify: false });
}
