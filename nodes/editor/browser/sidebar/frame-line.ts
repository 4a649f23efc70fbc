import type { FrameRow } from '../../../live';
import { bytesOf, bytesText, hexLine, timeText } from '../../live/text';
import { word } from '../translate';
import { element } from './dom';

/** The characters of a frame on its line. */
const maxOnLine = 200;

/** Returns the line of a frame: direction, time, size, kind, and the beginning of its content. */
export function frameLine(frame: FrameRow, open: () => void): HTMLElement {
  const { isOut, at, size, kind, client } = frame;
  const direction = element('span', `ix-live-direction ix-live-${isOut ? 'out' : 'in'}`, isOut ? '↑' : '↓');
  direction.title = word(isOut ? 'live.sent' : 'live.received');
  direction.setAttribute('role', 'img');
  direction.setAttribute('aria-label', direction.title);
  const parts = [direction, element('span', 'ix-live-time', timeText(at)), element('span', 'ix-live-size', bytesText(size))];
  if (client !== undefined) {
    const sender = element('span', 'ix-live-sender', client.replace(/^.*-/, '#'));
    sender.title = client;
    parts.push(sender);
  }
  if (kind !== 'text') parts.push(element('span', 'ix-live-kind', kind));
  parts.push(element('span', 'ix-live-content', gist(frame)));
  const line = element('div', 'ix-live-frame', ...parts);
  line.setAttribute('role', 'button');
  line.setAttribute('aria-expanded', 'false');
  line.tabIndex = -1;
  line.addEventListener('click', open);
  return line;
}

/** Returns the beginning of a frame on one line. */
function gist({ text, base64, kind }: FrameRow): string {
  if (text !== undefined) return text.slice(0, maxOnLine).replace(/\s+/g, ' ');
  const bytes = bytesOf(base64 ?? '');
  const isReadable = kind !== 'binary' && bytes.every((byte) => byte >= 0x20 && byte < 0x7f);
  return isReadable ? String.fromCharCode(...bytes) : hexLine(bytes);
}

/** Returns the text that the filter of the frames searches, in lower case. */
export const searchText = (frame: FrameRow): string => `${frame.kind}\n${frame.client ?? ''}\n${frame.text ?? gist(frame)}`.toLowerCase();
