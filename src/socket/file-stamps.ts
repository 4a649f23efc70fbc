import { stat } from 'node:fs/promises';
import { codeOf, messageOf } from '../errors';

/**
 * A text that is another one when any of these files has changed: was written to, was replaced, is gone, or is another file now because a
 * symbolic link on the way to it points elsewhere (which is how Kubernetes and certbot change them).
 */
export async function stampOf(files: readonly string[]): Promise<string> {
  const stamps: string[] = [];
  // One after the other: a file system that does not answer keeps one thread of Node's four, and not three.
  for (const file of files) stamps.push(await fileStamp(file));
  return stamps.join(' ');
}

async function fileStamp(file: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(file, { bigint: true });
    return [dev, ino, size, mtimeNs, ctimeNs].join('-');
  } catch (error) {
    return codeOf(error) || messageOf(error);
  }
}
