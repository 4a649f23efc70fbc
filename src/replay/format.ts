/** The format of a recording. Pure, because the editor's validator runs it in the browser. */
import { optionError, show } from '../core/errors';
import { printable } from '../core/text';

/** The version of recordings that this package writes and plays. */
export const recordingVersion = 1;
/** The most frames, and bytes of their data, that a recording may have. */
export const maxFrames = 100_000;
export const maxBytes = 67_108_864;

/** A recording, as the sidebar saves it. */
export interface RecordingFile {
  readonly 'ix-recording': typeof recordingVersion;
  readonly socket: { readonly side: 'client' | 'server'; readonly name: string };
  readonly frames: readonly RecordedFrame[];
}

/** One message of a recording. */
export interface RecordedFrame {
  /** Time from the start of the recording, ms. */
  readonly at: number;
  /** As the recorded socket saw it. */
  readonly direction: 'in' | 'out';
  readonly type: 'text' | 'binary';
  /** The text, or the bytes in Base64. */
  readonly data: string;
}

const wrong = (fact: string, remedy: string, cause?: unknown) => optionError(`The option recording ${fact}. ${remedy}`, cause, 'recording');
const saveOne = 'Save one in the sidebar WebSockets, or see the documentation for its format.';

/**
 * Returns the frames of a recording.
 *
 * @param given JSON text, or the object of a recording.
 * @throws SocketError `ERR_OPTION` if it is not a recording of this version, or exceeds the limits.
 */
export function framesOf(given: unknown): readonly RecordedFrame[] {
  const { 'ix-recording': version, frames } = objectOf(given);
  if (version === undefined) throw wrong('must have the property ix-recording; it is missing', saveOne);
  if (version !== recordingVersion) {
    throw wrong(`must have the version ${recordingVersion} (ix-recording); got ${show(version)}`, 'Record it again with this version.');
  }
  if (!Array.isArray(frames)) throw wrong(`must have a list of frames; got ${show(frames)}`, saveOne);
  if (frames.length > maxFrames) throw wrong(`may have ${maxFrames} frames; got ${frames.length}`, 'Divide it.');
  let bytes = 0;
  return frames.map((each, index) => {
    const frame = frameOf(each, `.frames[${index}]`);
    bytes += frame.data.length;
    if (bytes > maxBytes) throw wrong(`may have ${maxBytes} bytes of data`, 'Divide it.');
    return frame;
  });
}

function objectOf(given: unknown): Record<string, unknown> {
  let value = given;
  if (typeof given === 'string') {
    try {
      value = JSON.parse(given);
    } catch (error) {
      throw wrong(`must be JSON; ${printable(String((error as Error).message), 120)}`, saveOne, error);
    }
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(`must be an object; got ${show(value)}`, saveOne);
  return value as Record<string, unknown>;
}

function frameOf(given: unknown, place: string): RecordedFrame {
  const must = (part: string, expected: string, got: unknown) =>
    optionError(`The option recording${place}${part} must be ${expected}; got ${show(got)}.`, undefined, 'recording');
  if (typeof given !== 'object' || given === null) throw must('', 'an object', given);
  const { at, direction, type, data } = given as Record<string, unknown>;
  if (typeof at !== 'number' || !Number.isFinite(at) || at < 0) throw must('.at', 'a time in milliseconds from the start', at);
  if (direction !== 'in' && direction !== 'out') throw must('.direction', 'in or out', direction);
  if (type !== 'text' && type !== 'binary') throw must('.type', 'text or binary', type);
  if (typeof data !== 'string') throw must('.data', type === 'text' ? 'a string' : 'a string in Base64', data);
  const isBase64 = data.length % 4 === 0 && /^[\w+/-]*={0,2}$/.test(data);
  if (type === 'binary' && !isBase64) throw must('.data', 'a string in Base64', data);
  return { at, direction, type, data };
}
