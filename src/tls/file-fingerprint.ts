import { stat } from 'node:fs/promises';
import { codeOf, messageOf } from '../core/errors';
import { fileOperation } from './files';

/**
 * A text that is another one when any of these files has changed: was written to, was replaced, is gone, or is another file now because a
 * symbolic link on the way to it points elsewhere (which is how Kubernetes and certbot change them).
 */
export async function fingerprintOf(files: readonly string[], stop?: AbortSignal): Promise<string> {
  const fingerprints: string[] = [];
  for (const file of files) fingerprints.push(await fileFingerprint(file, stop));
  return fingerprints.join(' ');
}

async function fileFingerprint(file: string, stop: AbortSignal | undefined): Promise<string> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await fileOperation(file, () => stat(file, { bigint: true }), stop);
    return [dev, ino, size, mtimeNs, ctimeNs].join('-');
  } catch (error) {
    return codeOf(error) || messageOf(error);
  }
}
