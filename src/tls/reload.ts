import { deadline } from '../core/abort';
import { messageOf } from '../core/errors';
import { guarded, type Log } from '../core/log';
import { filesOf, leafOf, type ServerTls, serverTls, type TlsSettings } from './context';
import { Expiry } from './expiry';
import { stampOf } from './file-fingerprint';

/**
 * How often the files are looked at, ms. Their names are asked for, again and again, rather than watched: inotify watches an inode, and
 * so is left behind by a file that is replaced, by a symbolic link on the way to it that is turned (`..data` in Kubernetes, `live` of certbot), and
 * by a file system over the network or in a container, which may not tell at all.
 */
const pause = 1000;

/**
 * So many tries must find changed files wrong, with nothing changed in between, before that is told: certificate and key are written one
 * after the other, and do not fit together meanwhile.
 */
const patience = 3;

/** How long one look at the files may take, ms. */
const lookTimeoutMs = 10_000;

/** TLS as it was read from its files, and how to tell whether these have changed since. */
export interface LiveTls {
  readonly settings: TlsSettings;
  readonly tls: ServerTls;
  readonly stamp: string;
}

/**
 * @param stop settles it, whatever the files do.
 * @returns `undefined` for a plain server.
 * @throws SocketError `ERR_OPTION`, as `serverTls`; the reason of `stop`.
 */
export async function liveTls(settings: TlsSettings, stop?: AbortSignal): Promise<LiveTls | undefined> {
  // The stamp first: what changes while the files are read is seen at the first look.
  const stamp = await stampOf(filesOf(settings), stop);
  const tls = await serverTls(settings, stop);
  return tls && { settings, tls, stamp };
}

const notRead = `They were not read within ${lookTimeoutMs / 1000} s. Check that their file system answers.`;

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
export function followTls({ settings, tls, stamp }: LiveTls, owner: TlsOwner, log: Log): () => void {
  const files = filesOf(settings);
  const expiry = new Expiry(owner.warned);
  let inUse = stamp;
  /** What the last look found, and how often it could not be used. */
  let seen = { stamp, failures: 0 };
  let isLooking = false;
  const ended = new AbortController();

  const look = async (stop: AbortSignal) => {
    const found = await stampOf(files, stop);
    if (found !== seen.stamp) {
      // Somebody may be in the middle of writing. The next look will do.
      seen = { stamp: found, failures: 0 };
      return;
    }
    if (ended.signal.aborted || found === inUse || seen.failures === patience) return;
    try {
      const renewed = await serverTls(settings, stop);
      if (ended.signal.aborted || !renewed) return;
      owner.renewed(renewed);
      inUse = found;
      expiry.follow(leafOf(renewed));
    } catch (error) {
      seen.failures++;
      if (ended.signal.aborted || seen.failures < patience) return;
      owner.warned(
        `The changed TLS files cannot be used, and what was read from them before stays in use. ${stop.aborted ? notRead : messageOf(error)}`,
      );
    }
  };
  const tick = guarded(log, () => {
    expiry.check();
    if (isLooking || files.length === 0) return;
    isLooking = true;
    const late = deadline(lookTimeoutMs, ended.signal);
    look(late.signal)
      .finally(() => {
        late.clear();
        isLooking = false;
      })
      .catch((error) => log.error(error));
  });

  expiry.follow(leafOf(tls));
  const timer = setInterval(tick, pause);
  timer.unref();
  return () => {
    ended.abort();
    clearInterval(timer);
  };
}
