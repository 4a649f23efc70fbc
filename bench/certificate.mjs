import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

let made;

/** Creates a certificate and key on P-256 once, and removes them at the end. */
export function certificate() {
  if (made) return made;
  const folder = mkdtempSync(join(tmpdir(), 'ix-bench-tls-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const [certFile, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  const ask = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost'.split(' ');
  execFileSync('openssl', [...ask, '-keyout', keyFile, '-out', certFile], { stdio: 'pipe' });
  made = { certFile, keyFile };
  return made;
}
