import type { Connection, ConnectionOwner, Traffic } from '../connection/connection';
import {
  type ClosePayload,
  type ConnectionRef,
  type Ending,
  errorPayload,
  type Headers,
  type Listeners,
  type MessagePayload,
  type OpenPayload,
  type SocketEvent,
} from '../core/events';
import { closeReason } from './answers';
import type { Member } from './connection-info';
import type { Dialogues, Speaking } from './dialogues';
import type { Admitted } from './listener';
import { type Members, noTags } from './members';
import type { Sends } from './sends';

/** The server that a connection belongs to. */
export interface ConnectionServer {
  readonly id: number;
  readonly events: Listeners<SocketEvent>;
  readonly members: Members<Member>;
  readonly dialogues: Dialogues;
  readonly sends: Sends;
  /** The traffic of the connections that have ended. */
  readonly ended: Traffic;
  /** Called when the number of connections has changed. */
  changed(): void;
}

/**
 * One connection of a server: its entry among the others, and its events. It is one object with methods, because a server has thousands of
 * them, and a function of its own for each event takes more memory than the rest.
 */
export class ServerConnection implements Member, ConnectionOwner {
  /** Set right after the constructor, since a connection needs its owner. */
  connection!: Connection;
  speaking: Speaking | undefined;
  readonly ref: Member['ref'];
  readonly headers: Headers;
  user: string | undefined;
  session: unknown;
  since = Date.now();
  tags = noTags;
  private readonly notTaken: readonly string[];

  constructor(
    private readonly server: ConnectionServer,
    request: Admitted['request'],
    client: string,
    readonly place: number,
    readonly protocol: string,
  ) {
    const { uri, remoteIp, remotePort, params, headers, user, session, notTaken } = request;
    this.ref = params ? { uri, remoteIp, remotePort, client, params } : { uri, remoteIp, remotePort, client };
    this.headers = headers;
    this.user = user;
    this.session = session;
    this.notTaken = notTaken;
  }

  /** Adds the connection to the others, and emits its Open. It can be used from now on. @param opening what the opening conversation kept. */
  join(tags: readonly string[], watching?: (member: Member) => void, opening?: Readonly<Record<string, unknown>>): void {
    const { server, user, notTaken } = this;
    const { uri, remoteIp, remotePort, client } = this.ref;
    this.since = Date.now();
    server.members.add(this);
    watching?.(this);
    if (tags.length > 0) server.members.retag([this], { add: tags });
    // Before the Open event: a listener may send something newer.
    server.sends.sendKept(this, [undefined, ...tags]);
    const payload: OpenPayload = { uri, remoteIp, remotePort, client, headers: { ...this.headers }, protocol: this.protocol };
    if (user !== undefined) payload.user = user;
    if (notTaken.length > 0) payload.notTaken = [...notTaken];
    if (opening) payload.opening = opening;
    server.events.emit({ type: 1, socket: server.id, payload: this.withExtras(payload) });
    server.changed();
  }

  onMessage(str: string | Buffer, wireSize: number): void {
    const { server } = this;
    server.events.emit({ type: 0, socket: server.id, payload: this.message(str, wireSize) });
  }

  /** Returns the payload of a Message event. A spread is several times slower, and this is called for every message, so it is a literal. */
  message(str: string | Buffer, wireSize: number): MessagePayload {
    const { uri, remoteIp, remotePort, client } = this.ref;
    return this.withExtras({ str, binary: typeof str !== 'string', wireSize, uri, remoteIp, remotePort, client });
  }

  onViolation(reason: string, decompressionError: boolean): void {
    this.error(reason, { decompressionError });
  }

  /** Emits an Error event. */
  error(reason: string, more: object): void {
    const { server } = this;
    server.events.emit({ type: 3, socket: server.id, payload: this.withExtras(errorPayload(reason, { ...more, ...this.ref })) });
  }

  onClose(ending: Ending): void {
    const { server } = this;
    const { uri, remoteIp, remotePort, client } = this.ref;
    const { code, remote } = ending;
    this.count();
    server.members.delete(client);
    const reason = closeReason(ending, this.notTaken, this.since);
    const payload: ClosePayload = { code, reason, remote, uri, remoteIp, remotePort, client };
    server.events.emit({ type: 2, socket: server.id, payload: this.withExtras(payload) });
    server.changed();
  }

  /** Adds its traffic to that of the other connections that have ended. */
  private count(): void {
    const { ended } = this.server;
    const { traffic } = this.connection;
    ended.messagesIn += traffic.messagesIn;
    ended.bytesIn += traffic.bytesIn;
    ended.messagesOut += traffic.messagesOut;
    ended.bytesOut += traffic.bytesOut;
  }

  /** Adds the named parts of the path, and the session. Each event has copies, because flows change what they receive. */
  private withExtras<P extends ConnectionRef>(payload: P): P {
    const { session } = this;
    const { params } = this.ref;
    if (params) payload.params = { ...params };
    if (session !== undefined) payload.session = typeof session === 'object' ? structuredClone(session) : session;
    return payload;
  }
}
