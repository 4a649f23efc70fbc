import { deadline } from '../core/abort';
import { messageOf } from '../core/errors';
import { guarded, type Log } from '../core/log';
import { filesOf, leafOf, type ServerTls, serverTls, type TlsSettings } from './context';
import { Expiry } from './expiry';
import { fingerprintOf } from './file-fingerprint';

/**
 * The polling interval of the files, ms. Their paths are polled because inotify watches an inode. A watch misses a file that is replaced,
 * and a symbolic link with a new target (`..data` in Kubernetes, `live` of certbot). Network and container file systems may not report
 * changes at all.
 */
const pollMs = 1000;

/**
 * The number of failed loads of the same changed files before a warning. Certificate and key are written one after the other, and do not
 * match in between.
 */
const maxFailedLoads = 3;

/** The timeout of one poll, ms. */
const pollTimeoutMs = 10_000;

/** TLS options as read from files, with the fingerprint that detects a change. */
export interface LiveTls {
  readonly settings: TlsSettings;
  readonly tls: ServerTls;
  readonly fingerprint: string;
}

/**
 * @param stop settles the call, even if a file operation does not end.
 * @returns `undefined` for a server without TLS.
 * @throws SocketError `ERR_OPTION`, as `serverTls`; the reason of `stop`.
 */
export async function liveTls(settings: TlsSettings, stop?: AbortSignal): Promise<LiveTls | undefined> {
  // The fingerprint is taken first, so that the first poll detects a change made while the files are read.
  const fingerprint = await fingerprintOf(filesOf(settings), stop);
  const tls = await serverTls(settings, stop);
  return tls && { settings, tls, fingerprint };
}

const notRead = `They were not read within ${pollTimeoutMs / 1000} s. Check that their file system answers.`;

export interface TlsOwner {
  /** Called with the TLS options for new connections. */
  renewed(tls: ServerTls): void;
  /** Called with a sentence when changed files cannot be used, or when the certificate expires. */
  warned(sentence: string): void;
}

/**
 * Polls the files of a server's TLS and the expiry of its certificate.
 *
 * @returns the function that stops it; no callback follows.
 */
export function followTls({ settings, tls, fingerprint }: LiveTls, owner: TlsOwner, log: Log): () => void {
  const files = filesOf(settings);
  const expiry = new Expiry(owner.warned);
  let inUse = fingerprint;
  /** The fingerprint of the last poll, and the number of failed loads of it. */
  let seen = { fingerprint, failures: 0 };
  let isPolling = false;
  const ended = new AbortController();

  const poll = async (stop: AbortSignal) => {
    const found = await fingerprintOf(files, stop);
    if (found !== seen.fingerprint) {
      // The files may still be being written, so they are loaded at the next poll.
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
