import type { ConnectionOptions } from '../connection/connection';
import type { OpenSocket } from '../connection/open-socket';
import type { SendBudget } from '../connection/send-budget';
import {
  type Conversation,
  Dialogue,
  type Expressions,
  ProtocolConnection,
  type ProtocolOwner,
  type Ready,
  Requests,
  redactor,
} from '../conversation';
import { messageOf, optionError } from '../core/errors';
import type { Log } from '../core/log';
import type { ServerOptions } from '../options/server';
import type { ReceiverStatus } from './broadcast';

/** A connection whose opening conversation has ended. */
export interface Speaking {
  readonly conversation: Conversation;
  readonly requests: Requests | undefined;
}

/** The protocol of a server, on each of its connections. */
export class Dialogues {
  readonly dialogue: Dialogue;
  private ready: Ready | undefined;
  private encode: ((message: unknown) => readonly (string | Buffer)[]) | undefined;
  /** Connections whose opening conversation has not ended. They are no members yet, so no message reaches them. */
  private readonly openings = new Set<ProtocolConnection>();

  constructor(
    private readonly subject: string,
    expressions: Expressions | undefined,
    private readonly log: Log,
  ) {
    this.dialogue = new Dialogue(subject, expressions, log);
  }

  /** True if the connections of the running server speak a protocol. */
  get isActive(): boolean {
    return this.ready !== undefined;
  }

  /** True if Message events hold the decoded message. In the format text it is the text. */
  get hasData(): boolean {
    return this.ready?.protocol.format !== 'text';
  }

  /** The format of the running server's protocol, with its separator. */
  get format(): string | undefined {
    const { format, separator } = this.ready?.protocol ?? {};
    return format === undefined ? undefined : JSON.stringify([format, separator]);
  }

  /** True if the time of each send has to be noted. */
  get hasIdleHeartbeat(): boolean {
    return this.ready?.protocol.heartbeat?.idle === true;
  }

  /** Prepares the protocol for a start, and returns the options with its subprotocols. @throws SocketError `ERR_OPTION` */
  async prepare(options: ServerOptions): Promise<ServerOptions> {
    const ready = await this.dialogue.prepare(options);
    this.ready = ready;
    this.encode = undefined;
    if (!ready) return options;
    const codec = ready.createCodec();
    this.encode = (message) => codec.encode(message);
    return options.subProtocols?.length ? options : { ...options, subProtocols: [...ready.protocol.subProtocols] };
  }

  /** Forgets the protocol of the last start. */
  reset(): void {
    this.ready = undefined;
  }

  /** Encodes a message of the flow. @throws SocketError `ERR_OPTION` */
  framesOf(message: unknown): readonly (string | Buffer)[] {
    if (typeof message === 'string' || Buffer.isBuffer(message)) return [message];
    try {
      return this.encode?.(message) ?? [];
    } catch (error) {
      throw optionError(`The option message cannot be written in the format of the protocol: ${messageOf(error)}.`, error, 'message');
    }
  }

  /** Speaks the protocol on a new connection. @param joined called when it can be used. */
  converse(
    open: OpenSocket,
    options: ConnectionOptions,
    client: string,
    owner: Omit<ProtocolOwner, 'onOpen' | 'onOpeningFailed' | 'onReconnect'> & { onOpeningFailed(sentence: string): void },
    joined: (speaker: ProtocolConnection, speaking: Speaking, kept: Readonly<Record<string, unknown>>) => void,
    budget: SendBudget,
  ): void {
    const { protocol, secrets, createCodec } = this.ready as Ready;
    const subject = `connection ${client} of ${this.subject}`;
    const requests = protocol.rpc && new Requests(protocol.rpc, subject, redactor(secrets), this.log);
    const speaker: ProtocolConnection = new ProtocolConnection(
      open,
      true,
      options,
      { protocol, codec: createCodec(), secrets, requests },
      {
        ...owner,
        onOpen: (kept) => {
          this.openings.delete(speaker);
          joined(speaker, { conversation: speaker.conversation, requests }, kept);
        },
        onOpeningFailed: ({ why }) => {
          this.openings.delete(speaker);
          owner.onOpeningFailed(`The opening conversation with ${client} ${why}`);
        },
        // A server cannot connect to its peer. Closing lets the peer connect again.
        onReconnect: () => void speaker.connection.close(1012, 'Service restart'),
      },
      this.log,
      budget,
    );
    this.openings.add(speaker);
    speaker.start();
  }

  /** Closes the connections whose opening has not ended. */
  async close(code: number, reason: string): Promise<void> {
    const openings = [...this.openings];
    this.openings.clear();
    await Promise.all(
      openings.map(({ connection, conversation }) => {
        conversation.close();
        return connection.close(code, reason);
      }),
    );
  }
}

/** Reports several frames that were sent to the same receivers as one message. */
export function sumStatuses(count: number, sent: (statuses: ReceiverStatus[]) => void): (statuses: ReceiverStatus[]) => void {
  let open = count;
  let total: ReceiverStatus[] | undefined;
  return (statuses) => {
    total = total
      ? total.map((status, i) => {
          const other = statuses[i];
          if (!other || !status.success) return status;
          if (!other.success) return other;
          return { ...status, payloadSize: status.payloadSize + other.payloadSize, wireSize: status.wireSize + other.wireSize };
        })
      : statuses;
    if (--open === 0) sent(total);
  };
}
