import { ProtocolConnection, type ProtocolOwner, type ProtocolSettings, type Ready, type Requests } from '../conversation';
import { failureOf } from '../core/failure';
import { guarded, type Log } from '../core/log';
import { shownUrl } from '../core/text';
import { isElsewhere } from '../net/credentials';
import type { AttemptOptions } from '../options/client';
import type { ConnectFailure, Opened } from './connect';

/** The part of a client that handles a connection with a protocol. */
export interface ConverseOwner extends Omit<ProtocolOwner, 'onOpeningFailed'> {
  /** Called first, so that a stop can close the connection. */
  onConnection(speaker: ProtocolConnection): void;
}

export interface ConverseSettings {
  readonly options: AttemptOptions;
  readonly ready: Ready;
  readonly requests: Requests | undefined;
  /** More bindings for expressions, from the flow. */
  readonly vars?: Readonly<Record<string, unknown>> | undefined;
  /** Aborts the opening. */
  readonly stop: AbortSignal;
  /** The rest of the deadline of the attempt, ms. */
  readonly remaining: number;
  readonly owner: ConverseOwner;
  readonly log: Log;
  /** Callbacks of *Test connection*. */
  readonly watch?: Pick<ProtocolSettings, 'onStep' | 'onSend'>;
}

/** Returns the options of a handshake: the subprotocols of the protocol, if the client names none. */
export const offering = <O extends AttemptOptions>(options: O, ready: Ready | undefined): O =>
  ready && !options.subProtocols?.length ? { ...options, subProtocols: [...ready.protocol.subProtocols] } : options;

/**
 * Speaks the protocol of a client on a connection that has just opened. Call it in that event-loop turn.
 *
 * @returns the failure, or `undefined` when the opening conversation has ended.
 */
export function converse({ ws, socket, ...answer }: Opened, settings: ConverseSettings): Promise<ConnectFailure | undefined> {
  const { options, ready, requests, vars, stop, remaining, owner, log, watch } = settings;
  const { protocol, createCodec } = ready;
  const isHome = !isElsewhere(new URL(options.URL), new URL(ws.url));
  return new Promise((resolve) => {
    const fail = (why: string, refused: boolean) => {
      const sentence = `Could not connect to ${shownUrl(ws.url)}: the opening conversation ${why}`;
      resolve({ ...answer, ...failureOf(sentence, { brief: 'opening', option: 'protocol' }), refused });
    };
    const settle = () => {
      clearTimeout(deadline);
      stop.removeEventListener('abort', stopped);
    };
    const speaker = new ProtocolConnection(
      { ws, socket },
      false,
      options,
      // A redirect to another host must not take the secrets there.
      { protocol, codec: createCodec(), secrets: isHome ? ready.secrets : {}, requests, vars, ...watch },
      {
        ...owner,
        onOpen: (kept) => {
          settle();
          owner.onOpen(kept);
          resolve(undefined);
        },
        onOpeningFailed: ({ why, refused }) => {
          settle();
          fail(why, refused);
        },
      },
      log,
    );
    const stopped = guarded(log, () => {
      settle();
      speaker.conversation.close();
      fail('was aborted by stop or clear.', false);
    });
    const late = guarded(log, () => speaker.conversation.end('the deadline of the attempt passed'));
    const deadline = setTimeout(late, Math.max(remaining, 0));
    stop.addEventListener('abort', stopped, { once: true });
    owner.onConnection(speaker);
    speaker.start();
  });
}
