import assert from 'node:assert/strict';
import { mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fingerprintOf } from '../../../src/tls/file-fingerprint';
import { onTeardown, teardown } from '../../helpers/teardown';

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'ix-fingerprint-'));
  onTeardown(() => rmSync(path, { recursive: true }));
  return path;
}

describe('fingerprintOf', () => {
  afterEach(teardown);

  it('stays the same while no file changes', async () => {
    const file = join(folder(), 'a.pem');
    writeFileSync(file, 'one');
    assert.equal(await fingerprintOf([file]), await fingerprintOf([file]));
  });

  const changes: Record<string, (path: string) => void> = {
    'is written to': (path) => writeFileSync(join(path, 'a.pem'), 'another'),
    'is replaced': (path) => {
      writeFileSync(join(path, 'new'), 'one');
      renameSync(join(path, 'new'), join(path, 'a.pem'));
    },
    'is deleted': (path) => rmSync(join(path, 'a.pem')),
  };
  for (const [title, change] of Object.entries(changes)) {
    it(`changes if a file ${title}`, async () => {
      const path = folder();
      const files = [join(path, 'b.pem'), join(path, 'a.pem')];
      for (const file of files) writeFileSync(file, 'one');
      const before = await fingerprintOf(files);
      change(path);
      assert.notEqual(await fingerprintOf(files), before);
    });
  }

  it('changes if a symbolic link has a new target', async () => {
    const path = folder();
    for (const name of ['1.pem', '2.pem']) writeFileSync(join(path, name), 'one');
    const link = join(path, 'link.pem');
    symlinkSync('1.pem', link);
    const before = await fingerprintOf([link]);
    rmSync(link);
    symlinkSync('2.pem', link);
    assert.notEqual(await fingerprintOf([link]), before);
  });

  it('a file that is not there has the fingerprint of its error', async () => {
    assert.equal(await fingerprintOf([join(folder(), 'none.pem')]), 'ENOENT');
  });
});
