import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTeardown, stub } from './teardown';

/** Creates a directory that is removed when the test ends. */
export function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'ix-files-'));
  onTeardown(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** Creates a pipe without a writer, whose open waits for one. */
export function pipe(): string {
  const path = join(folder(), 'pipe.pem');
  execFileSync('mkfifo', [path]);
  return path;
}

/**
 * A file system that does not answer until the test ends.
 *
 * @param isOn selects the files on it.
 * @returns the requested files, and a function that lets the file system answer.
 */
export function silentFiles(isOn: (path: string) => boolean = () => true): { readonly asked: string[]; answer(): void } {
  const { stat } = fs;
  const asked: string[] = [];
  let waiting: (() => void)[] = [];
  let isSilent = true;
  const silent = (path: string, options: object) => {
    if (!isOn(path)) return stat(path, options);
    asked.push(path);
    const answer = () => stat(path, options);
    return isSilent ? new Promise<void>((resolve) => waiting.push(resolve)).then(answer) : answer();
  };
  const answer = () => {
    isSilent = false;
    for (const one of waiting) one();
    waiting = [];
  };
  stub(fs, 'stat', silent as never);
  onTeardown(answer);
  return { asked, answer };
}
