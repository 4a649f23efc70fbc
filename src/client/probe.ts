import type { Duplex } from 'node:stream';
import type WebSocket from 'ws';
import { redactor } from '../conversation';
import { guardWith } from '../core/log';
import type { Step } from '../core/progress';
import { isUnverified } from '../tls/context';
import { type ConnectFailure, type ConnectOptions, connect, type Opened } from './connect';
import { offering } from './converse';
import { type TriedLine, tryMessage } from './probe-message';
import { prepareOpening, probeOpening, type Speaking } from './probe-opening';

/** The timeout of a pong, s. */
const pongSeconds = 1.5;

/**
 * Tests the options of a client: connects, performs the opening conversation or pings, and closes. All resources are released when it settles.
 *
 * @param seconds the deadline of the opening handshake.
 * @param stop aborts the test in any phase.
 * @param speaking absent: the protocol of the client is not tried.
 * @param say a message to send once the connection can be used; what comes is reported.
 * @throws SocketError `ERR_OPTION`
 */
export async function probeClient(
  options: ConnectOptions,
  seconds: number,
  stop: AbortSignal,
  tell: (step: Step) => void,
  speaking?: Speaking,
  say?: unknown,
): Promise<ConnectFailure | undefined> {
  const begin = performance.now();
  const ready = speaking && (await prepareOpening(options, speaking));
  let probed: Promise<ConnectFailure | undefined> | undefined;
  // Called in the event-loop turn in which the connection opens, so that the first frames are not missed.
  const opened = (open: Opened) => {
    describe(open.ws, open.socket);
    const remaining = begin + seconds * 1000 - performance.now();
    probed = ready && speaking ? probeOpening(open, { options, ready, stop, remaining, tell, log: speaking.log, say }) : tryPing(open.ws);
  };
  const failure = await connect(offering(options, ready), seconds, stop, opened, tell);
  return failure ?? probed;

  function describe(ws: WebSocket, socket: Duplex): void {
    if ('encrypted' in socket && isUnverified(options)) tell({ step: 'unverified', values: {} });
    if (ws.protocol) tell({ step: 'protocol', values: { protocol: ws.protocol } });
    if (options.enablePerMessageDeflate) {
      tell({ step: ws.extensions.includes('permessage-deflate') ? 'compressed' : 'uncompressed', values: {} });
    }
  }

  async function tryPing(ws: WebSocket): Promise<undefined> {
    const closed = new Promise<void>((resolve) => ws.once('close', () => resolve()));
    const step = await ping(ws, stop);
    if (step) tell(step);
    if (say !== undefined && step?.step === 'pong')
      await tryMessage(say, lineOf(ws), { redact: redactor(options.secrets ?? {}), stop, tell });
    ws.close(1000);
    const cut = setTimeout(() => ws.terminate(), stop.aborted ? 0 : options.closeTimeoutMs);
    await closed;
    clearTimeout(cut);
  }
}

/** Returns the line of a connection without a protocol. */
function lineOf(ws: WebSocket): TriedLine {
  const guard = guardWith(() => ws.terminate());
  return {
    send(message, sent) {
      const done = guard((error?: Error) => sent(error?.message));
      ws.send(message as string | Buffer, done);
    },
    listen(hear) {
      const onMessage = guard((data: WebSocket.RawData, isBinary: boolean) => hear(isBinary ? (data as Buffer) : String(data)));
      ws.on('message', onMessage);
    },
  };
}

/** Pings the server. Resolves with the result, or with `undefined` if it was stopped. */
function ping(ws: WebSocket, stop: AbortSignal): Promise<Step | undefined> {
  return new Promise((resolve, reject) => {
    const guard = guardWith(reject);
    const begin = performance.now();
    const end = (step?: Step) => {
      clearTimeout(timer);
      stop.removeEventListener('abort', stopped);
      resolve(step);
    };
    const late = guard(() => end({ step: 'noPong', values: { seconds: pongSeconds } }));
    const timer = setTimeout(late, pongSeconds * 1000);
    const stopped = guard(() => end());
    stop.addEventListener('abort', stopped);
    const onPong = () => end({ step: 'pong', values: { ms: Math.round((performance.now() - begin) * 10) / 10 } });
    const onClose = (code: number, reason: Buffer) => end({ step: 'closed', values: { code, reason: reason.toString('utf8') } });
    ws.once('pong', guard(onPong));
    ws.once('close', guard(onClose));
    ws.ping();
  });
}
