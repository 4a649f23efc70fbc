import { randomBytes } from 'node:crypto';
import { Connection, type Traffic } from '../connection/connection';
import {
  type ClosePayload,
  type ConnectionRef,
  type Ending,
  errorPayload,
  type Listeners,
  type MessagePayload,
  type OpenPayload,
  type SocketEvent,
} from '../core/events';
import type { Log } from '../core/log';
import type { ServerOptions } from '../options/server';
import { closeReason } from './answers';
import type { Extras, Member } from './connection-info';
import type { Dialogues } from './dialogues';
import type { Admitted } from './listener';
import type { Members } from './members';
import type { Sends } from './sends';

/** The server that the connections belong to. */
interface SetupOwner {
  readonly id: number;
  readonly events: Listeners<SocketEvent>;
  readonly members: Members<Member>;
  readonly dialogues: Dialogues;
  readonly sends: Sends;
  readonly log: Log;
  /** Called when the number of connections has changed. */
  readonly changed: () => void;
}

/** Makes the connections of a server, names them, and emits their events. */
export class ConnectionSetup {
  private connected = 0;
  /** The traffic of the connections that have ended. */
  readonly ended: Traffic = { messagesIn: 0, bytesIn: 0, messagesOut: 0, bytesOut: 0 };
  /** Called with each connection that can be used, while somebody looks at the frames of the server. */
  watching: ((member: Member) => void) | undefined;
  /** The prefix of connection names. It is random, so names are unique even after a restart of Node-RED. */
  private readonly namePrefix = randomBytes(4).toString('hex');

  constructor(private readonly server: SetupOwner) {}

  /** Makes a connection of an admitted request. With a protocol, it is used when the opening conversation has ended. */
  admit({ ws, socket, windowBits, request }: Admitted, options: ServerOptions): void {
    const { uri, remoteIp, remotePort, params, notTaken } = request;
    const extras: Extras = { params, session: request.session };
    const { id, events, sends } = this.server;
    const { budget } = sends;
    const since = Date.now();
    const place = ++this.connected;
    const client = `${this.namePrefix}-${place}`;
    const ref: Member['ref'] = params ? { uri, remoteIp, remotePort, client, params } : { uri, remoteIp, remotePort, client };
    const error = (reason: string, more: object) => {
      events.emit({ type: 3, socket: id, payload: withExtras(errorPayload(reason, { ...more, ...ref }), extras) });
    };
    const owner = {
      onViolation: (reason: string, decompressionError: boolean) => error(reason, { decompressionError }),
      onClose: (ending: Ending) => {
        this.count(client);
        this.server.members.delete(client);
        const { code, remote } = ending;
        const reason = closeReason(ending, notTaken, since);
        const payload: ClosePayload = { code, reason, remote, uri, remoteIp, remotePort, client };
        events.emit({ type: 2, socket: id, payload: withExtras(payload, extras) });
        this.server.changed();
      },
    };
    if (!this.server.dialogues.isActive) {
      const onMessage = (str: string | Buffer, wireSize: number) => {
        // A spread is several times slower, and this object is created for every message, so it is a literal.
        const payload = { str, binary: typeof str !== 'string', wireSize, uri, remoteIp, remotePort, client };
        events.emit({ type: 0, socket: id, payload: withExtras(payload, extras) });
      };
      const connection = new Connection({ ws, socket, windowBits }, true, options, { ...owner, onMessage }, this.server.log, budget);
      return this.join({ connection, ref, place, protocol: ws.protocol, speaking: undefined, extras }, request);
    }
    const { hasData } = this.server.dialogues;
    this.server.dialogues.converse(
      { ws, socket, windowBits },
      options,
      client,
      {
        ...owner,
        onMessage: ({ str, wireSize, data }, call) => {
          const payload: MessagePayload = { str, binary: typeof str !== 'string', wireSize, uri, remoteIp, remotePort, client };
          if (hasData) payload.data = data;
          if (call) payload.call = call;
          events.emit({ type: 0, socket: id, payload: withExtras(payload, extras) });
        },
        onError: (reason, str) => error(reason, str === undefined ? {} : { str }),
        onOpeningFailed: (reason) => error(reason, {}),
      },
      ({ connection }, speaking, kept) => this.join({ connection, ref, place, protocol: ws.protocol, speaking, extras }, request, kept),
      budget,
    );
  }

  /** Adds the traffic of a connection that has ended to that of the others. */
  private count(client: string): void {
    const { ended } = this;
    const traffic = this.server.members.get(client)?.connection.traffic;
    if (!traffic) return;
    ended.messagesIn += traffic.messagesIn;
    ended.bytesIn += traffic.bytesIn;
    ended.messagesOut += traffic.messagesOut;
    ended.bytesOut += traffic.bytesOut;
  }

  /** Adds a connection that can be used, and emits its Open. */
  private join(
    member: Pick<Member, 'connection' | 'ref' | 'place' | 'protocol' | 'speaking' | 'extras'>,
    { user, headers, notTaken, tags }: Admitted['request'],
    opening?: Readonly<Record<string, unknown>>,
  ): void {
    const { id, events } = this.server;
    const { connection, ref, place, protocol, speaking, extras } = member;
    const { uri, remoteIp, remotePort, client } = ref;
    // Not a spread: V8 makes the object of a spread by its slow path.
    const joined: Member = { connection, ref, place, protocol, speaking, extras, user, headers, since: Date.now(), tags: new Set() };
    this.server.members.add(joined);
    this.watching?.(joined);
    if (tags.length > 0) this.server.members.retag([joined], { add: tags });
    // Before the Open event: a listener may send something newer.
    this.server.sends.sendKept(joined, [undefined, ...tags]);
    // A literal, like the other payloads.
    const payload: OpenPayload = { uri, remoteIp, remotePort, client, headers: { ...headers }, protocol };
    if (user !== undefined) payload.user = user;
    if (notTaken.length > 0) payload.notTaken = [...notTaken];
    if (opening) payload.opening = opening;
    events.emit({ type: 1, socket: id, payload: withExtras(payload, extras) });
    this.server.changed();
  }
}

/**
 * Adds the named parts of the path, and the session, to an event. Each event has copies, because flows change what they receive.
 */
function withExtras<P extends ConnectionRef>(payload: P, { params, session }: Extras): P {
  if (params) payload.params = { ...params };
  if (session !== undefined) payload.session = typeof session === 'object' ? structuredClone(session) : session;
  return payload;
}
