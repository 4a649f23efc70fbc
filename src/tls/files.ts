import { constants, type Stats } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { untilAborted } from '../core/abort';

/** The maximum size of a file, bytes. A bundle of all public CAs has a fifth of it. */
export const maxFileBytes = 1024 * 1024;

/**
 * File operations share the four threads of the libuv pool with DNS and compression. An operation on a file system that does not respond
 * keeps its thread forever. Two threads are therefore left for other work.
 */
const maxOperations = 2;

interface Operation {
  readonly path: string;
  start(): void;
}

/** The files with a running operation. */
const running = new Set<string>();
const waiting = new Set<Operation>();

/**
 * Runs an operation on a file when a slot is free and no other operation on the same file is running. A file that does not respond
 * therefore occupies one slot, however often it is requested.
 *
 * @param stop settles the call. An operation that has started continues, because it cannot be cancelled.
 */
export function fileOperation<T>(path: string, run: () => Promise<T>, stop?: AbortSignal): Promise<T> {
  if (stop?.aborted) return Promise.reject(stop.reason);
  let operation: Operation | undefined;
  const result = new Promise<T>((resolve, reject) => {
    operation = {
      path,
      start() {
        running.add(path);
        run()
          .finally(() => {
            running.delete(path);
            startNext();
          })
          .then(resolve, reject);
      },
    };
    waiting.add(operation);
    startNext();
  });
  return untilAborted(result, stop).finally(() => waiting.delete(operation as Operation));
}

function startNext(): void {
  for (const operation of waiting) {
    if (running.size >= maxOperations) return;
    if (running.has(operation.path)) continue;
    waiting.delete(operation);
    operation.start();
  }
}

/**
 * Reads a regular file of at most 1 MiB.
 *
 * @param stop settles the call at once, even if the file system does not respond.
 * @throws Error whose message is a clause that describes the problem with the file; or the error of the system.
 */
export const readSmallFile = (path: string, stop?: AbortSignal): Promise<Buffer> => readFileUpTo(maxFileBytes, path, stop);

/** Reads a regular file of at most `max` bytes. See `readSmallFile`. */
export const readFileUpTo = (max: number, path: string, stop?: AbortSignal): Promise<Buffer> =>
  fileOperation(path, () => readWhole(max, path, stop), stop);

async function readWhole(max: number, path: string, stop: AbortSignal | undefined): Promise<Buffer> {
  // Checked before opening, because opening can affect a device or the writer of a pipe.
  checkFile(await stat(path), max);
  // The path may refer to another file by now. Without O_NONBLOCK, opening a pipe waits for a writer.
  const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0));
  try {
    const stats = await handle.stat();
    checkFile(stats, max);
    return await readSize(handle, stats.size, stop);
  } finally {
    await handle.close();
  }
}

/** Rejects anything but a regular file with content. Files of /proc have size 0: /proc/kmsg blocks, and /proc/self/pagemap is endless. */
function checkFile(stats: Stats, max: number): void {
  if (!stats.isFile()) throw new Error(`it is not a file, but ${kindOf(stats)}`);
  if (stats.size === 0) throw new Error('it is empty, or has no size, like the files of /proc');
  if (stats.size > max) throw new Error(`it has ${stats.size} bytes, and at most ${max} are read`);
}

function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return 'a directory';
  if (stats.isFIFO()) return 'a pipe';
  return stats.isSocket() ? 'a socket' : 'a device';
}

/** Reads one byte more than the size, because a file that grows is still being written. */
async function readSize(handle: FileHandle, size: number, stop: AbortSignal | undefined): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(size + 1);
  let length = 0;
  while (length <= size) {
    stop?.throwIfAborted();
    const { bytesRead } = await handle.read(bytes, length, size + 1 - length, length);
    if (bytesRead === 0) return bytes.subarray(0, length);
    length += bytesRead;
  }
  throw new Error('it grew while it was read');
}
