import type { Node } from '@node-red/registry';
import type { ClientSocket, Done, Handed, Log } from '../../src/index';
import { leave, takeUp } from './hook/handover';
import type { Message } from './message';
import type { RED } from './red';

/** The send node, and the message that it sends. Absent for what cannot be answered later, such as one message of a batch. */
interface Sending {
  readonly sending: { readonly node: string; readonly msg: Message } | undefined;
}

/** A message that waits while the node of its client is deployed again. */
type Left = Omit<Handed, 'source' | 'sent'> & NonNullable<Sending['sending']>;

/** The answers of messages that their send node receives again, so that Node-RED gets a `done` for each. */
const answers = new WeakMap<object, Done>();
let open = 0;

const sendingOf = (source: unknown): Sending['sending'] =>
  typeof source === 'object' && source !== null ? (source as Partial<Sending>).sending : undefined;

/** Leaves the waiting messages of a client to the next client of the node. What stays in the outbox is answered when it is cleared. */
export function leaveOutbox(node: Node, { handed, outbox }: ClientSocket, log: Log): void {
  const waiting = [...handed.splice(0), ...(outbox?.handOver((source) => sendingOf(source) !== undefined) ?? [])];
  const left = waiting.flatMap(({ source, sent: _, ...message }): Left[] => {
    const sending = sendingOf(source);
    return sending ? [{ ...message, ...sending }] : [];
  });
  const tell = (count: number) => {
    const what =
      count === 1 ? 'One message that waited was not sent and is gone' : `${count} messages that waited were not sent and are gone`;
    node.warn(`${what}, since Node-RED ended.`);
  };
  leave(node.id, left, tell, log);
}

/** Gives a client the messages that the last client of the node has left. They are sent after its start. */
export function takeOutbox(RED: RED, { id }: Node, socket: ClientSocket): void {
  for (const { node, msg, ...message } of takeUp<Left>(id)) {
    const source: Sending = { sending: { node, msg } };
    socket.handed.push({ ...message, source, sent: (status) => answer(RED, node, msg, { status, socket: socket.id }) });
  }
}

/** Returns the answer of a message that its send node receives again, once; `undefined` for any other message. */
export function answerOf(msg: object): Done | undefined {
  if (open === 0) return undefined;
  const done = answers.get(msg);
  if (done && answers.delete(msg)) open--;
  return done;
}

function answer(RED: RED, id: string, msg: Message, done: Done): void {
  const node = RED.nodes.getNode(id);
  if (node?.type !== 'ix-client-send') return;
  answers.set(msg, done);
  open++;
  node.receive(msg);
}
