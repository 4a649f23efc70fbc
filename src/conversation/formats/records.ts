import { StringDecoder } from 'node:string_decoder';
import { messageOf } from '../../core/errors';
import { type Codec, type CodecOptions, TooLong, Unreadable } from './codec';
import { fromJson, toJson } from './text';

/** JSON texts that each end with a separator. A frame may hold several, and a text may continue over frames. */
export function recordsCodec({ separator, maxPayload }: CodecOptions): Codec {
  const decoder = new StringDecoder('utf8');
  // A list, because joining a growing text for each frame would copy it each time.
  let parts: string[] = [];
  let bytes = 0;
  let tail = '';
  return {
    encode: (message) => [toJson(message) + separator],
    decode(data) {
      const text = typeof data === 'string' ? data : decoder.write(data);
      // A separator of several characters may be split between two frames.
      const found = tail + text;
      if (!found.includes(separator)) {
        parts.push(text);
        bytes += data.length;
        tail = separator.length > 1 ? found.slice(1 - separator.length) : '';
        if (maxPayload > 0 && bytes > maxPayload) {
          parts = [];
          throw new TooLong(maxPayload);
        }
        return [];
      }
      const texts = [...parts, text].join('').split(separator);
      const rest = texts.pop() as string;
      // The first one may have begun in earlier frames; a frame alone is never longer.
      if (maxPayload > 0 && parts.length > 0 && Buffer.byteLength(texts[0] as string) > maxPayload) throw new TooLong(maxPayload);
      parts = rest === '' ? [] : [rest];
      bytes = Buffer.byteLength(rest);
      tail = separator.length > 1 ? rest.slice(1 - separator.length) : '';
      return texts.filter((each) => each.trim() !== '').map(read);
    },
  };
}

/** A text that is not JSON must not lose the others of its frame, nor what came of it in earlier frames. */
function read(text: string): unknown {
  try {
    return fromJson(text);
  } catch (error) {
    return new Unreadable(messageOf(error), text);
  }
}
