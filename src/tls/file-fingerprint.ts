import { stat } from 'node:fs/promises';
import { codeOf, messageOf } from '../core/errors';
import { fileOperation } from './files';

/**
 * Returns a string that differs when any of these files was written to, replaced or deleted. It also differs when a symbolic link on the
 * path has a new target, which is how Kubernetes and certbot replace files.
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
