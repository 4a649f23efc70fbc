import { randomBytes } from 'node:crypto';
import { Connection, type Traffic } from '../connection/connection';
import type { Log } from '../core/log';
import type { ServerOptions } from '../options/server';
import type { Member } from './connection-info';
import type { Admitted } from './listener';
import { type ConnectionServer, ServerConnection } from './server-connection';

interface SetupOwner extends Omit<ConnectionServer, 'ended'> {
  readonly log: Log;
}

/** Makes the connections of a server, and names them. */
export class ConnectionSetup {
  /** The traffic of the connections that have ended. */
  readonly ended: Traffic = { messagesIn: 0, bytesIn: 0, messagesOut: 0, bytesOut: 0 };
  /** Called with each connection that can be used, while somebody looks at the frames of the server. */
  watching: ((member: Member) => void) | undefined;
  private readonly server: ConnectionServer;
  private readonly log: Log;
  private connected = 0;
  /** The prefix of connection names. It is random, so names are unique even after a restart of Node-RED. */
  private readonly namePrefix = randomBytes(4).toString('hex');

  constructor({ log, ...server }: SetupOwner) {
    this.log = log;
    this.server = { ...server, ended: this.ended };
  }

  /** Makes a connection of an admitted request. With a protocol, it is used when the opening conversation has ended. */
  admit(admitted: Admitted, options: ServerOptions): void {
    const { ws, request } = admitted;
    const place = ++this.connected;
    const one = new ServerConnection(this.server, request, `${this.namePrefix}-${place}`, place, ws.protocol);
    if (this.server.dialogues.isActive) return this.converse(one, admitted, options);
    one.connection = new Connection(admitted, true, options, one, this.log, this.server.sends.budget);
    one.join(request.tags, this.watching);
  }

  /** Speaks the protocol of the server on a connection. */
  private converse(one: ServerConnection, { ws, socket, windowBits, request }: Admitted, options: ServerOptions): void {
    const { id, dialogues, events, sends } = this.server;
    const { hasData } = dialogues;
    dialogues.converse(
      { ws, socket, windowBits },
      options,
      one.ref.client,
      {
        onViolation: (reason, decompressionError) => one.onViolation(reason, decompressionError),
        onClose: (ending) => one.onClose(ending),
        onMessage: ({ str, wireSize, data }, call) => {
          const payload = one.message(str, wireSize);
          if (hasData) payload.data = data;
          if (call) payload.call = call;
          events.emit({ type: 0, socket: id, payload });
        },
        onError: (reason, str) => one.error(reason, str === undefined ? {} : { str }),
        onOpeningFailed: (reason) => one.error(reason, {}),
      },
      ({ connection }, speaking, kept) => {
        one.connection = connection;
        one.speaking = speaking;
        one.join(request.tags, this.watching, kept);
      },
      sends.budget,
    );
  }
}
