/** The requests of the sidebar *WebSockets*, and the responses. Pure, because both ends read it. */
import type { ClientRow, FrameRow, FramesAnswer, ServerRow } from '../src/inspect/answers';
import type { Composed } from './composed';

/** Below Node-RED's admin API. */
export const liveRoutes = {
  /** GET: the sockets, and the connections of the unfolded servers. */
  sockets: 'ix-websocket/live',
  /** GET: the new frames of one target, with `whole` as far as they are kept. */
  frames: 'ix-websocket/live/frames',
  /** GET: the whole of one frame. */
  frame: 'ix-websocket/live/frame',
  /** POST: an action. */
  act: 'ix-websocket/live/act',
} as const;
export const livePermissions = { read: 'ix.read', write: 'ix.write' } as const;

/** The most connections of all unfolded servers that an answer lists, and the most sockets of one side. */
export const maxRows = 200;

/** Sent with each socket: the node that owns it. */
export interface Owner {
  /** The node that owns it: a config node, or the node that made it. */
  readonly node: string;
  readonly type: string;
  readonly name: string;
}

export type LiveClient = ClientRow & Owner;
export type LiveServer = ServerRow & Owner;

export interface LiveAnswer {
  /** Changes when Node-RED starts again. */
  readonly run: string;
  /** The time of the answer, ms since 1970. */
  readonly now: number;
  readonly servers: readonly LiveServer[];
  readonly clients: readonly LiveClient[];
  /** The sockets that match the filter, listed or not. */
  readonly total: { readonly servers: number; readonly clients: number };
}

export interface LiveTarget {
  readonly side: 'client' | 'server';
  readonly id: number;
  /** The connection of a server. */
  readonly client?: string | undefined;
}

export type LiveAction =
  | { readonly do: 'start' | 'stop' | 'disconnect' }
  /** Sends text, JSON (encoded by the protocol, if there is one), bytes, or a request of the protocol. */
  | ({ readonly do: 'send' } & Composed);

export type ActRequest = LiveTarget & LiveAction;

export interface ActAnswer {
  readonly success: boolean;
  readonly errorStr?: string | undefined;
  /** The receivers of a send, or the connections that were closed. */
  readonly count?: number | undefined;
  /** The outcome of a request, as JSON. */
  readonly answer?: string | undefined;
}

export type { ClientRow, ConnectionRow, Counters, FrameRow, FramesAnswer, ServerRow } from '../src/inspect/answers';
export { type RecordedFrame, type RecordingFile as Recording, recordingVersion } from '../src/replay/format';
export type FramesReply = FramesAnswer & { readonly gone?: false };
export type WholeFrame = FrameRow;
