import { type FrameRow, type RecordedFrame, type Recording, recordingVersion } from '../../live';
import { bytesOf, jsonOf } from './text';

/** Returns the properties of an inject node that sends the payload of a frame. */
export function injectOf(frame: FrameRow): Record<string, unknown> {
  return {
    id: 'ix-live-inject',
    type: 'inject',
    name: '',
    props: [{ p: 'payload' }],
    repeat: '',
    crontab: '',
    once: false,
    onceDelay: 0.1,
    topic: '',
    ...payloadOf(frame),
    x: 0,
    y: 0,
    wires: [[]],
  };
}

/** JSON stays a text if the sent value would differ from the received text. */
function payloadOf({ text, base64 = '' }: FrameRow): { readonly payload: string; readonly payloadType: 'str' | 'json' | 'bin' } {
  if (text === undefined) return { payload: JSON.stringify([...bytesOf(base64)]), payloadType: 'bin' };
  const value = jsonOf(text);
  return value !== undefined && JSON.stringify(value) === text
    ? { payload: text, payloadType: 'json' }
    : { payload: text, payloadType: 'str' };
}

/** Returns the messages among frames as a recording. Frames that are no longer kept as a whole are left out. */
export function recordingOf(
  socket: Recording['socket'],
  frames: readonly FrameRow[],
): { readonly recording: Recording; readonly left: number } {
  const messages = frames.filter(({ kind }) => kind === 'text' || kind === 'binary');
  const whole = messages.filter(({ isCut }) => !isCut);
  const begin = whole[0]?.at ?? 0;
  const recorded = whole.map(
    ({ at, isOut, text, base64 = '' }): RecordedFrame => ({
      at: at - begin,
      direction: isOut ? 'out' : 'in',
      type: text === undefined ? 'binary' : 'text',
      data: text ?? base64,
    }),
  );
  return { recording: { 'ix-recording': recordingVersion, socket, frames: recorded }, left: messages.length - whole.length };
}

/** Returns a file name without characters that file systems refuse. */
export const fileName = (name: string): string => `${name.replace(/[^\p{L}\p{N}._-]+/gu, '-').replace(/^-+|-+$/g, '') || 'websocket'}.json`;
