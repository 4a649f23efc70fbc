import type { Path } from '../core/path';
import type { ClientOptions } from '../options/client';

/** Returns whether messages of a client may wait. */
export const hasOutbox = ({ queueSize, maxSendsPerSecond }: Pick<ClientOptions, 'queueSize' | 'maxSendsPerSecond'>): boolean =>
  Boolean(queueSize || maxSendsPerSecond);

/** The longest key as it is, characters. Longer ones, and objects, are no keys. */
const maxKey = 1024;

/** Returns the key of a message: the value at the path, as a text. Texts and Buffers have none. */
export function queueKeyOf(path: Path | undefined, given: unknown): string | undefined {
  const value = path?.get(given);
  if (typeof value === 'string') return value.length <= maxKey ? `"${value}` : undefined;
  return typeof value === 'number' || typeof value === 'boolean' || value === null ? String(value) : undefined;
}

/** Returns the size of a message as it waits: exact for texts and Buffers, and that of the JSON text, with Buffers as bytes, for objects. */
export function messageBytes(data: unknown): number {
  if (typeof data === 'string') return Buffer.byteLength(data);
  if (ArrayBuffer.isView(data)) return data.byteLength;
  let binary = 0;
  try {
    const text = JSON.stringify(data, function (this: Record<string, unknown>, key, value) {
      const given = this[key];
      if (!ArrayBuffer.isView(given)) return value;
      binary += given.byteLength;
      return null;
    });
    return binary + Buffer.byteLength(text ?? '');
  } catch {
    // JSON cannot hold it, as a BigInt. The protocol decides whether it can be sent.
    return binary;
  }
}
