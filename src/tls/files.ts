import { constants, type Stats } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { untilAborted } from '../core/abort';

/** The largest file that is read. A bundle of all public CAs has a fifth of it. */
export const maxFileBytes = 1024 * 1024;

/**
 * File operations use the threads that DNS and compression use, of which there are four. An operation on a file system that does not
 * answer keeps its thread for ever, so two threads are left to the others.
 */
const maxOperations = 2;

interface Operation {
  readonly path: string;
  start(): void;
}

/** The files of the operations that run. */
const running = new Set<string>();
const waiting = new Set<Operation>();

/**
 * Runs an operation on a file when there is a place for it, and when no other operation on the same file runs: a file that does not
 * answer keeps one place, however often it is asked for.
 *
 * @param stop settles the call, though not an operation that has begun: nothing can end that.
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
 * @param stop settles the call at once, also where the file system does not answer.
 * @throws Error whose message says in the words of a half-sentence what is wrong with the file; or what the system reports.
 */
export const readSmallFile = (path: string, stop?: AbortSignal): Promise<string> => fileOperation(path, () => readWhole(path, stop), stop);

async function readWhole(path: string, stop: AbortSignal | undefined): Promise<string> {
  // Before it is opened: that alone can have an effect on a device, or on whoever writes into a pipe.
  checkFile(await stat(path));
  // The path may lead to another file by now: without O_NONBLOCK the open of a pipe waits for a writer.
  const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0));
  try {
    const stats = await handle.stat();
    checkFile(stats);
    return await readSize(handle, stats.size, stop);
  } finally {
    await handle.close();
  }
}

/** A read of /proc/kmsg waits for the next message, and one of /proc/self/pagemap has no end: files of /proc have the size 0. */
function checkFile(stats: Stats): void {
  if (!stats.isFile()) throw new Error(`it is not a file, but ${kindOf(stats)}`);
  if (stats.size === 0) throw new Error('it is empty, or has no size, like the files of /proc');
  if (stats.size > maxFileBytes) throw new Error(`it has ${stats.size} bytes, and at most ${maxFileBytes} are read`);
}

function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return 'a directory';
  if (stats.isFIFO()) return 'a pipe';
  return stats.isSocket() ? 'a socket' : 'a device';
}

/** One byte more than its size: a file that grows is being written. */
async function readSize(handle: FileHandle, size: number, stop: AbortSignal | undefined): Promise<string> {
  const bytes = Buffer.allocUnsafe(size + 1);
  let length = 0;
  while (length <= size) {
    stop?.throwIfAborted();
    const { bytesRead } = await handle.read(bytes, length, size + 1 - length, length);
    if (bytesRead === 0) return bytes.toString('utf8', 0, length);
    length += bytesRead;
  }
  throw new Error('it grew while it was read');
}
