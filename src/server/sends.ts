import { Crowd } from '../connection/crowd';
import type { Sent } from '../connection/load';
import { noBudget } from '../connection/send-budget';
import type { CallAnswer } from '../conversation';
import type { Log } from '../core/log';
import { largePayload } from '../wire/frame';
import { OutgoingMessage } from '../wire/outgoing-message';
import { Broadcast, failureIn, type Outcome, type ReceiverStatus, referenceSize, reportOne } from './broadcast';
import { isOpen, type Member } from './connection-info';
import { type Dialogues, sumStatuses } from './dialogues';
import type { LastValues } from './last-values';
import { type Chosen, type Members, onlyOne, type Receivers } from './members';

/** The part of an answer that says whether a message was kept. It is empty if the message removed what was kept. */
export interface RetainStatus {
  retained?: boolean;
  errorStr?: string;
}

/** Somebody who takes no statuses of a send. */
export interface Unheard {
  /** Called once. @param errorStr the first failure. */
  sentUnheard(errorStr: string | undefined): void;
}

type Report = (statuses: ReceiverStatus[]) => void;

/** The messages that a server sends to its connections. */
export class Sends {
  /** The limit of what waits for all connections. */
  budget = noBudget;

  /** The latest messages that several connections get together. */
  private crowd: Crowd | undefined;

  constructor(
    private readonly members: Members<Member>,
    private readonly dialogues: Dialogues,
    private readonly lastValues: LastValues,
    private readonly log: Log,
  ) {}

  /** Sends one message to each receiver. `sent` is called once, with one status per receiver in the order of connection. */
  send(data: unknown, to: Receivers, sent: Report): void {
    if (this.dialogues.isActive) this.sendEncoded(data, to, sent);
    else this.sendFrame(data as string | Buffer, to, sent);
  }

  /** Sends like `send`, without statuses. */
  sendUnheard(data: unknown, to: Receivers, unheard: Unheard): void {
    const one = this.dialogues.isActive ? undefined : onlyOne(to);
    if (one !== undefined) this.sendToUnheard(one, data as string | Buffer, unheard);
    else this.sendToManyUnheard(data, to, unheard);
  }

  private sendToManyUnheard(data: unknown, to: Receivers, unheard: Unheard): void {
    if (this.dialogues.isActive) return this.sendEncoded(data, to, (statuses) => unheard.sentUnheard(failureIn(statuses)));
    const chosen = this.select(to);
    if (chosen.members.length === 0) return unheard.sentUnheard(undefined);
    this.broadcast(new OutgoingMessage(data as string | Buffer), chosen, ({ errorStr }) => unheard.sentUnheard(errorStr));
  }

  /**
   * Sends a message, and keeps it for the connections that join its groups later, or for all later ones. An empty message removes what is
   * kept. @throws SocketError `ERR_OPTION` if it cannot be encoded.
   */
  retain(data: unknown, to: Receivers, key: string, sent: (statuses: ReceiverStatus[], kept: RetainStatus) => void): void {
    // A message for nobody is kept for nobody.
    const tags = to.tag ?? (to.client && []);
    const isPlain = typeof data === 'string' || Buffer.isBuffer(data);
    if (isPlain && data.length === 0) {
      this.lastValues.discard(tags, key);
      return this.send(data, to, (statuses) => sent(statuses, {}));
    }
    const encoded = this.dialogues.isActive ? this.dialogues.framesOf(data) : [data as string | Buffer];
    const frames = encoded.map(OutgoingMessage.kept);
    const why = this.lastValues.keep(tags, key, frames, isPlain ? undefined : this.dialogues.format);
    const kept = why === undefined ? { retained: true } : { retained: false, errorStr: `The message was sent, but not kept: ${why}.` };
    const report: Report = (statuses) => sent(statuses, kept);
    this.noteSent(to);
    const each = frames.length === 1 ? report : sumStatuses(frames.length, report);
    for (const frame of frames) this.broadcast(frame, this.select(to), (outcome) => each(outcome.statuses()));
  }

  /** Sends what is kept for these tags to a connection that has joined them; `undefined` as a tag means everyone. */
  sendKept({ connection, speaking }: Member, tags: Iterable<string | undefined>): void {
    if (this.lastValues.isEmpty) return;
    const frames = this.lastValues.of(tags).flat();
    if (frames.length === 0) return;
    const { budget } = this;
    // The connection holds a copy of small frames, which are joined. Large ones are those that the server keeps anyway.
    const held = frames.reduce((sum, { size }) => sum + (size < largePayload ? size : referenceSize), 0);
    // A peer that has just joined is not slow, however much is kept.
    const payload = frames.reduce((sum, { size }) => sum + size, 0);
    let outstanding = frames.length;
    budget.held += held;
    connection.sender.allow(frames.length, payload);
    const settle = () => {
      if (--outstanding > 0) return;
      budget.held -= held;
      connection.sender.allow(-frames.length, -payload);
    };
    speaking?.conversation.noteSent();
    for (const frame of frames) connection.send(frame, true, settle);
    budget.check();
  }

  /** Answers a call of a connection. */
  answer(client: string, call: unknown, answer: CallAnswer, sent: Report): void {
    const member = this.members.get(client);
    if (!member?.speaking) return sent([]);
    member.speaking.conversation.answer(call, answer, reportOne(member.ref, sent));
  }

  /** Sends a message in the format of the protocol. @throws SocketError `ERR_OPTION` if it cannot be encoded. */
  private sendEncoded(data: unknown, to: Receivers, sent: Report): void {
    const frames = this.dialogues.framesOf(data);
    this.noteSent(to);
    const report = frames.length === 1 ? sent : sumStatuses(frames.length, sent);
    for (const frame of frames) this.sendFrame(frame, to, report);
  }

  private noteSent(to: Receivers): void {
    if (!this.dialogues.hasIdleHeartbeat) return;
    for (const { speaking } of this.members.choose(to)) speaking?.conversation.noteSent();
  }

  private sendFrame(data: string | Buffer, to: Receivers, sent: Report): void {
    const one = onlyOne(to);
    if (one !== undefined) return this.sendTo(one, data, sent);
    const chosen = this.select(to);
    if (chosen.members.length === 0) return sent([]);
    this.broadcast(new OutgoingMessage(data), chosen, (outcome) => sent(outcome.statuses()));
  }

  private select(to: Receivers): Chosen<Member> {
    const chosen = this.members.select(to);
    // A copy of the list is only made if a connection is closing.
    const { members } = chosen;
    for (let i = 0; i < members.length; i++) if (!(members[i] as Member).connection.isOpen) return chosen.filter(isOpen);
    return chosen;
  }

  private broadcast(message: OutgoingMessage, chosen: Chosen<Member>, sent: (outcome: Outcome) => void): void {
    const { members, origins } = chosen;
    if (members.length === 0) return sent(nobody);
    const { budget } = this;
    const held = message.size + origins.length * referenceSize;
    budget.held += held;
    const broadcast = new Broadcast(origins, message.size, (outcome) => {
      budget.held -= held;
      sent(outcome);
    });
    const isShared = members.length > 1;
    const crowd = isShared && chosen.isKept ? this.joinCrowd(message, members, broadcast) : undefined;
    for (let i = crowd?.size === members.length ? members.length : 0; i < members.length; i++) {
      const { connection } = members[i] as Member;
      if (!crowd?.has(i)) connection.send(message, isShared, (errorStr, _, wireSize) => broadcast.settle(i, errorStr, wireSize));
    }
    budget.check();
  }

  /** Adds a message to the crowd of its receivers. Returns the crowd, if it took the message. */
  private joinCrowd(message: OutgoingMessage, members: readonly Member[], broadcast: Broadcast): Crowd | undefined {
    if (this.crowd?.isFor(members) && this.crowd.add(message, broadcast)) return this.crowd;
    if (message.size >= largePayload) return undefined;
    this.crowd = new Crowd(members, this.budget, this.log);
    return this.crowd.size > 0 && this.crowd.add(message, broadcast) ? this.crowd : undefined;
  }

  /** Fast path: sends to one connection, without the lists. */
  private sendTo(client: string, data: string | Buffer, sent: Report): void {
    const member = this.members.get(client);
    if (!member || !isOpen(member)) return sent([]);
    this.sendToOne(member, data, reportOne(member.ref, sent));
  }

  /** Fast path: sends to one connection, without a status. */
  private sendToUnheard(client: string, data: string | Buffer, unheard: Unheard): void {
    const member = this.members.get(client);
    if (!member || !isOpen(member)) unheard.sentUnheard(undefined);
    else this.sendToOneUnheard(member, data, unheard);
  }

  private sendToOneUnheard({ connection }: Member, data: string | Buffer, unheard: Unheard): void {
    const { budget } = this;
    const message = new OutgoingMessage(data);
    const { size } = message;
    budget.held += size;
    connection.send(message, false, (errorStr) => {
      budget.held -= size;
      unheard.sentUnheard(errorStr);
    });
    budget.check();
  }

  private sendToOne({ connection }: Member, data: string | Buffer, sent: Sent): void {
    const { budget } = this;
    const message = new OutgoingMessage(data);
    const { size } = message;
    budget.held += size;
    connection.send(message, false, (errorStr, payloadSize, wireSize) => {
      budget.held -= size;
      sent(errorStr, payloadSize, wireSize);
    });
    budget.check();
  }
}

const nobody: Outcome = { errorStr: undefined, statuses: () => [] };
