import { deadline } from '../core/abort';
import { messageOf } from '../core/errors';
import { guarded, type Log } from '../core/log';
import { filesOf, leafOf, type ServerTls, serverTls, type TlsSettings } from './context';
import { Expiry } from './expiry';
import { fingerprintOf } from './file-fingerprint';

/**
 * How often the files are looked at, ms. Their names are asked for, again and again, rather than watched: inotify watches an inode, and
 * so is left behind by a file that is replaced, by a symbolic link on the way to it that is turned (`..data` in Kubernetes, `live` of certbot), and
 * by a file system over the network or in a container, which may not tell at all.
 */
const pollMs = 1000;

/**
 * So many tries must find changed files wrong, with nothing changed in between, before that is told: certificate and key are written one
 * after the other, and do not fit together meanwhile.
 */
const maxFailedLoads = 3;

/** How long one look at the files may take, ms. */
const pollTimeoutMs = 10_000;

/** TLS as it was read from its files, and how to tell whether these have changed since. */
export interface LiveTls {
  readonly settings: TlsSettings;
  readonly tls: ServerTls;
  readonly fingerprint: string;
}

/**
 * @param stop settles it, whatever the files do.
 * @returns `undefined` for a plain server.
 * @throws SocketError `ERR_OPTION`, as `serverTls`; the reason of `stop`.
 */
export async function liveTls(settings: TlsSettings, stop?: AbortSignal): Promise<LiveTls | undefined> {
  // The stamp first: what changes while the files are read is seen at the first look.
  const fingerprint = await fingerprintOf(filesOf(settings), stop);
  const tls = await serverTls(settings, stop);
  return tls && { settings, tls, fingerprint };
}

const notRead = `They were not read within ${pollTimeoutMs / 1000} s. Check that their file system answers.`;

export interface TlsOwner {
  /** New connections get this from now on. */
  renewed(tls: ServerTls): void;
  /** Changed files cannot be used, or the certificate expires: a sentence. */
  warned(sentence: string): void;
}

/**
 * Follows the files of a server's TLS, and the age of its certificate.
 *
 * @returns what ends it; nothing is told afterwards.
 */
export function followTls({ settings, tls, fingerprint }: LiveTls, owner: TlsOwner, log: Log): () => void {
  const files = filesOf(settings);
  const expiry = new Expiry(owner.warned);
  let inUse = fingerprint;
  /** What the last look found, and how often it could not be used. */
  let seen = { fingerprint, failures: 0 };
  let isPolling = false;
  const ended = new AbortController();

  const poll = async (stop: AbortSignal) => {
    const found = await fingerprintOf(files, stop);
    if (found !== seen.fingerprint) {
      // Somebody may be in the middle of writing. The next look will do.
      seen = { fingerprint: found, failures: 0 };
      return;
    }
    if (ended.signal.aborted || found === inUse || seen.failures === maxFailedLoads) return;
    try {
      const renewed = await serverTls(settings, stop);
      if (ended.signal.aborted || !renewed) return;
      owner.renewed(renewed);
      inUse = found;
      expiry.follow(leafOf(renewed));
    } catch (error) {
      seen.failures++;
      if (ended.signal.aborted || seen.failures < maxFailedLoads) return;
      owner.warned(
        `The changed TLS files cannot be used, and what was read from them before stays in use. ${stop.aborted ? notRead : messageOf(error)}`,
      );
    }
  };
  const tick = guarded(log, () => {
    expiry.check();
    if (isPolling || files.length === 0) return;
    isPolling = true;
    const late = deadline(pollTimeoutMs, ended.signal);
    poll(late.signal)
      .finally(() => {
        late.clear();
        isPolling = false;
      })
      .catch((error) => log.error(error));
  });

  expiry.follow(leafOf(tls));
  const timer = setInterval(tick, pollMs);
  timer.unref();
  return () => {
    ended.abort();
    clearInterval(timer);
  };
}
