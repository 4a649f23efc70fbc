// The content of the messages: ASCII text like telemetry. Deflate reduces 4 KiB of it to a quarter.
import { randomFrom } from '../scripts/random.mjs';
import { write } from './sequence.cjs';

/** Bytes before the sequence number of a payload that is JSON. */
export const jsonOffset = '{"n":"'.length;

/** Returns a JSON object with this sequence number; always the same for the same number. */
export function jsonPayload(size, number) {
  const text = (data) => `{"n":"${write(number)}","v":${number},"data":"${data}"}`;
  return text('x'.repeat(Math.max(0, size - text('').length)));
}

/** Returns the text with this sequence number; always the same for the same number. */
export function payload(size, number) {
  const random = randomFrom(number + 1);
  let text = write(number);
  while (text.length < size) {
    const value = (random() * 100).toFixed(3);
    text += `{"sensor":"s-${Math.floor(random() * 1000)}","time":${1763884800000 + Math.floor(random() * 1e8)},"value":${value},"unit":"C","ok":true},`;
  }
  return text.slice(0, size);
}
