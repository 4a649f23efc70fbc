import { optionError } from '../core/errors';
import { framesOf } from './format';

export type Direction = 'in' | 'out' | 'both';

/** One message to send. */
export interface PlayedFrame {
  /** Time from the start of the recording, ms. */
  readonly at: number;
  /** A string for a text frame, a Buffer for a binary frame. */
  readonly data: string | Buffer;
}

export interface Recording {
  /** The frames of the chosen direction, in the order of time. */
  readonly frames: readonly PlayedFrame[];
  /** The time of the last frame of any direction, ms. */
  readonly duration: number;
}

/**
 * Returns the messages of one direction.
 *
 * @param given JSON text, or the object of a recording.
 * @throws SocketError `ERR_OPTION` if it is not a recording of this version, exceeds the limits, or has no message of the direction.
 */
export function readRecording(given: unknown, direction: Direction): Recording {
  const frames = framesOf(given);
  const played: PlayedFrame[] = [];
  let duration = 0;
  for (const { at, direction: own, type, data } of frames) {
    duration = Math.max(duration, at);
    if (direction === 'both' || own === direction) played.push({ at, data: type === 'text' ? data : Buffer.from(data, 'base64') });
  }
  if (played.length === 0 && frames.length > 0) {
    throw optionError(
      `The option direction is ${direction}, and the recording has no message of it. Choose another direction.`,
      undefined,
      'direction',
    );
  }
  return { frames: played.sort((a, b) => a.at - b.at), duration };
}
