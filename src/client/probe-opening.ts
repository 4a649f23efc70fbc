import { cite, Dialogue, type Expressions, type Incoming, type ProtocolConnection, type Ready, redactor } from '../conversation';
import type { Log } from '../core/log';
import type { Step } from '../core/progress';
import type { ConnectFailure, ConnectOptions, Opened } from './connect';
import { converse } from './converse';
import { type TriedLine, tryMessage } from './probe-message';

/** The context of a test of a client with a protocol. */
export interface Speaking {
  readonly expressions: Expressions | undefined;
  readonly log: Log;
}

/** Prepares the protocol of a client, if it has one. @throws SocketError `ERR_OPTION` */
export const prepareOpening = (options: ConnectOptions, { expressions, log }: Speaking): Promise<Ready | undefined> =>
  new Dialogue('the client', expressions, log).prepare(options);

interface Settings {
  readonly options: ConnectOptions;
  readonly ready: Ready;
  readonly stop: AbortSignal;
  /** ms. */
  readonly remaining: number;
  readonly tell: (step: Step) => void;
  readonly log: Log;
  /** A message to send after the opening conversation. */
  readonly say: unknown;
}

/**
 * Tries the opening conversation of a client, and closes the connection. Reports each step, without secrets. Call it in the event-loop turn
 * in which the connection opens.
 */
export async function probeOpening(opened: Opened, { tell, say, ...settings }: Settings): Promise<ConnectFailure | undefined> {
  const { ready, options, stop } = settings;
  const redact = redactor(ready.secrets);
  let latest: string | Buffer = '';
  const speakers: ProtocolConnection[] = [];
  let hear = (_str: string | Buffer) => {};
  const nothing = () => {};
  const failure = await converse(opened, {
    ...settings,
    requests: undefined,
    watch: {
      onSend: (data) => {
        latest = data;
      },
      onStep: (index: number, message: Incoming | undefined) => {
        const values = { step: index + 1, message: cite(message ? message.str : latest, redact) };
        tell({ step: message ? 'heard' : 'said', values });
      },
    },
    owner: {
      onConnection: (speaker) => void speakers.push(speaker),
      ...{
        onOpen: nothing,
        onMessage: ({ str }: Incoming) => hear(str),
        onError: nothing,
        onViolation: nothing,
        onReconnect: nothing,
        onClose: nothing,
      },
    },
  });
  if (!failure && ready.protocol.onOpen.length > 0) tell({ step: 'conversed', values: {} });
  const [speaker] = speakers;
  if (!failure && say !== undefined && speaker) {
    const line: TriedLine = {
      send: (message, sent) => speaker.conversation.send(message, (problem) => sent(problem)),
      listen: (heard) => {
        hear = heard;
      },
    };
    await tryMessage(say, line, { redact, stop, tell });
  }
  const cut = setTimeout(() => opened.ws.terminate(), stop.aborted ? 0 : options.closeTimeoutMs);
  for (const { connection } of speakers) await connection.close(1000, '');
  clearTimeout(cut);
  return failure;
}
