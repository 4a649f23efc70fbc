import type { Duplex } from 'node:stream';
import WebSocket from 'ws';
import { codeOf, messageOf } from '../errors';
import type { ClosePayload } from './events';
import { heartbeat } from './heartbeat';
import { guarded, type Log } from './log';
import { meteredSizes, plainSizes, type WireSizes } from './wire-size';

/** How long the peer may take to answer our close frame, ms (plugin: 300). */
export const closeTimeout = 300;

/** What a command says of one message sent (plugin commands `… send`). */
export interface SendStatus {
  success: boolean;
  /** Always false: compressing cannot fail here. Kept because the plugin has it. */
  compressionError: boolean;
  /** The message's bytes; text counts as UTF-8. 0 on failure. */
  payloadSize: number;
  /** The payload bytes as framed. 0 on failure. */
  wireSize: number;
  errorStr?: string;
}

export const sendFailure = (errorStr: string): SendStatus => ({
  success: false,
  compressionError: false,
  payloadSize: 0,
  wireSize: 0,
  errorStr,
});

export type Ending = Pick<ClosePayload, 'code' | 'reason' | 'remote'>;

/** What the owner of a connection, a client or a server, hears from it. */
export interface ConnectionOwner {
  onMessage(data: string | Buffer, wireSize: number): void;
  /** The peer broke the protocol, or what it compressed cannot be read; the close follows. */
  onViolation(reason: string, decompressionError: boolean): void;
  /** The last thing a connection says. */
  onClose(ending: Ending): void;
}

/**
 * One open WebSocket connection, on either side. It knows which side ended it and why, which `ws` does not tell:
 * `ws` reports the peer's close frame, or 1006 where there was none.
 */
export class Connection {
  private readonly sizes: WireSizes;
  private readonly endHeartbeat: () => void;
  private readonly unsettled = new Set<(error: Error) => void>();
  private readonly gone: Promise<void>;
  private ending: Ending | undefined;

  /** Must be made in the turn in which `ws` opens, before any frame is read. */
  constructor(
    private readonly ws: WebSocket,
    socket: Duplex,
    options: { readonly pingInterval?: number | undefined },
    owner: ConnectionOwner,
    private readonly log: Log,
  ) {
    this.sizes = ws.extensions.includes('permessage-deflate') ? meteredSizes(socket) : plainSizes;
    ws.on(
      'message',
      guarded(log, (data: Buffer, isBinary: boolean) => {
        owner.onMessage(isBinary ? data : data.toString('utf8'), this.sizes.received(data.length));
      }),
    );
    ws.on(
      'error',
      guarded(log, (error: Error) => {
        const { code, reason, remote, decompressionError } = violation(error);
        this.ending ??= { code, reason, remote };
        owner.onViolation(reason, decompressionError);
      }),
    );
    const closed = guarded(log, (code: number, reason: Buffer) => {
      this.endHeartbeat();
      for (const fail of this.unsettled) fail(new Error('the connection ended'));
      owner.onClose(this.ending ?? peerEnding(code, reason.toString('utf8')));
    });
    this.gone = new Promise((resolve) => {
      ws.on('close', (code, reason) => {
        closed(code, reason);
        resolve();
      });
    });
    this.endHeartbeat = options.pingInterval ? this.beat(options.pingInterval) : () => {};
  }

  get isOpen(): boolean {
    return this.ws.readyState === WebSocket.OPEN;
  }

  /** Bytes that wait to be handed to the operating system, frame headers included. */
  get bufferedAmount(): number {
    return this.ws.bufferedAmount;
  }

  /** Sends one message: text as a text frame, bytes as a binary one. Settles when the operating system has it. */
  send(data: string | Buffer): Promise<SendStatus> {
    if (!this.isOpen) return Promise.resolve(sendFailure('The message was not sent: the connection is closing.'));
    const payloadSize = Buffer.byteLength(data);
    const wireSize = this.sizes.sending(payloadSize);
    return new Promise((resolve) => {
      const settle = (error?: Error | null) => {
        this.unsettled.delete(settle);
        if (error) resolve(sendFailure(`The message was not sent: ${messageOf(error)}.`));
        else resolve({ success: true, compressionError: false, payloadSize, wireSize: wireSize() });
      };
      this.unsettled.add(settle);
      this.ws.send(data, { binary: typeof data !== 'string' }, settle);
    });
  }

  /** Starts the closing handshake; a peer that does not answer is cut off after `closeTimeout`. */
  close(code: number, reason: string): Promise<void> {
    if (this.isOpen) {
      this.ending ??= { code, reason, remote: false };
      this.ws.close(code, reason);
    }
    return this.gone;
  }

  private beat(seconds: number): () => void {
    const peer = {
      ping: (data: string) => {
        if (this.isOpen) this.ws.ping(data);
      },
      onPong: (listener: () => void) => void this.ws.on('pong', listener),
    };
    return heartbeat(peer, seconds, guarded(this.log, () => void this.close(1011, 'Ping timeout')));
  }
}

/** What a close says when the peer, or the network, ended the connection. */
function peerEnding(code: number, reason: string): Ending {
  if (code === 1006) return { code, reason: 'Abnormal closure', remote: false };
  return { code, reason: code === 1005 ? 'No status code' : reason, remote: true };
}

interface Violation extends Ending {
  readonly decompressionError: boolean;
}

/** What `ws` found wrong, and the code that it sends the peer for it (RFC 6455, section 7.4.1), in words. */
const violations: Record<string, (message: string) => Partial<Violation>> = {
  WS_ERR_EXPECTED_FIN: () => ({ reason: 'Control message fragmented' }),
  WS_ERR_EXPECTED_MASK: () => ({ reason: 'Frame from a client is not masked' }),
  WS_ERR_UNEXPECTED_MASK: () => ({ reason: 'Frame from a server is masked' }),
  WS_ERR_UNEXPECTED_RSV_1: () => ({ reason: 'Reserved bit used' }),
  WS_ERR_UNEXPECTED_RSV_2_3: () => ({ reason: 'Reserved bit used' }),
  WS_ERR_INVALID_OPCODE: (message) => {
    const opcode = Number(/invalid opcode (\d+)/.exec(message)?.[1]);
    if (opcode === 0) return { reason: 'Fragmentation: continuation opcode out of sequence' };
    if (opcode === 1 || opcode === 2) return { reason: 'Fragmentation: data message out of sequence' };
    return { reason: `Protocol error: unknown opcode ${opcode}` };
  },
  WS_ERR_INVALID_CLOSE_CODE: (message) => ({ reason: `Invalid close code: ${/(\d+)$/.exec(message)?.[1]}`, remote: true }),
  WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH: (message) => {
    // One byte is too short for the code of a close frame, and right for every other control frame.
    const length = Number(/(\d+)$/.exec(message)?.[1]);
    return { reason: `Control frame with invalid payload length: ${length}`, remote: length === 1 };
  },
  WS_ERR_INVALID_UTF8: () => ({ code: 1007, reason: 'Invalid frame payload data: not UTF-8' }),
  WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH: () => ({ code: 1009, reason: 'Message too big: its length has more than 53 bits' }),
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: () => ({ code: 1009, reason: 'Message too big: larger than maxPayload' }),
  WS_ERR_TOO_MANY_BUFFERED_PARTS: () => ({ code: 1008, reason: 'Message in too many fragments' }),
};

function violation(error: Error): Violation {
  const code = codeOf(error);
  const known = violations[code]?.(error.message);
  const decompressionError = code.startsWith('Z_');
  if (decompressionError) {
    return { code: 1007, reason: 'Invalid frame payload data: cannot be decompressed', remote: false, decompressionError };
  }
  if (!known) return { code: 1006, reason: messageOf(error), remote: false, decompressionError };
  return { code: 1002, reason: 'Protocol error', remote: false, decompressionError, ...known };
}
