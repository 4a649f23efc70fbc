import type { Node } from '@node-red/registry';
import { type Command, callerErrors, type Layer, type Log, type PayloadIs, type Registry, type To } from '../../src/index';
import type { CommandRow } from '../catalog';
import { needsSocket, typedFields } from '../settings';
import { batchOf } from './batch';
import { runBatch } from './batch-run';
import { EntireRun } from './entire-run';
import type { FlowsStarted } from './flows-started';
import type { Message } from './message';
import { NodeFields } from './node-fields';
import { answerOf } from './outbox-handover';
import { createNode, type FlowDef, findConfig, isTrue, isWired, type RED, type Socket, use } from './red';
import { endRequests, RequestRun, type RequestSettings, takeAnswers } from './request-run';
import { type NodeContext, Run } from './run';
import { clearSocket, makeSocket, nodeLog } from './sockets';
import { StatusLine } from './status';

/** The constructor of every command node. Only this file calls `done` of a command, once for each message. */
export const commandNode = (RED: RED, registry: Registry, started: FlowsStarted, { side, command }: CommandRow) =>
  function (this: Node, def: FlowDef): void {
    createNode(RED, this, def);
    const log = nodeLog(this);
    /** The sockets that this node made and that were not cleared. */
    const own = new Set<Socket>();
    let made: Socket['side'] | undefined;
    const status = new StatusLine(RED, this);
    const found = findConfig(RED, def, side);
    const config = found === 'missing' ? undefined : found;
    const creates = command.creates === true;
    const sendsEntire = command.sends === true && def.sends === 'message';
    const configured = creates ? undefined : found === 'missing' ? found : found?.socket;
    if (config) {
      use(config, this);
      if (!creates) status.follow(config.socket);
    } else if (side && !found && needsSocket(this.type) && !isTrue(def.fromMessage)) status.unselected(side);

    const create = (of: Socket['side'], given: Layer): number => {
      if (found === 'missing') throw callerErrors.missingConfig(of);
      const socket = makeSocket(RED, registry, of, this, { base: config?.layer ?? (() => ({})), given }, { checked: true });
      made = of;
      own.add(socket);
      // Cleared sockets leave the set; otherwise it would grow with each message.
      const off = socket.changes.on(({ state }) => {
        if (state !== 'cleared') return;
        own.delete(socket);
        off();
      });
      return socket.id;
    };
    const context: NodeContext = {
      id: this.id,
      ...{ registry, command, configured, status, log },
      to: (def.to || undefined) as To | undefined,
      payloadIs: sendsEntire ? 'message' : payloadIsOf(def),
      fields: fieldsOf(RED, this, def, this.type, sendsEntire),
      create: creates ? create : undefined,
      raise: isTrue(def.raise),
      hasReceivers: () => isWired(this),
    };
    const requests = command.asks ? startRequests(this, def, started, log) : undefined;
    this.on('input', (msg, send, done) => {
      const answer = command.sends && answerOf(msg);
      if (answer) return new Run(context, msg as Message, send, done).reply(answer);
      if (sendsEntire) return new EntireRun(context, msg as Message, send, done).start();
      const batch = batchIn(command, msg as Message);
      if (batch) runBatch(context, msg as Message, batch, send, done);
      else if (requests) new RequestRun(context, msg as Message, send, done, requests).start();
      else new Run(context, msg as Message, send, done).start();
    });
    this.on('close', (removed: boolean, done: () => void) => {
      if (made) status.cleared(made);
      if (requests) endRequests(this, requests, removed, log);
      Promise.all([...own].map((socket) => clearSocket(registry, socket, removed)))
        .catch((error) => log.error(error))
        .then(() => done())
        .catch((error) => log.error(error));
    });
  };

/** Returns the settings of a request node, and outputs what the last node of its id has left. */
function startRequests(node: Node, { answerAs, timeout, many }: FlowDef, started: FlowsStarted, log: Log): RequestSettings {
  takeAnswers(node, started, log);
  const seconds = timeout === '' || timeout === null ? undefined : timeout;
  return { answerAs, timeout: seconds, many: isTrue(many), open: new Set(), left: undefined };
}

const payloadIsOf = ({ payloadIs }: FlowDef): PayloadIs => (payloadIs === 'message' || payloadIs === 'command' ? payloadIs : 'auto');

/** Returns the messages of a batch of an events node that is wired into a send node. */
function batchIn(command: Command, msg: Message): readonly unknown[] | undefined {
  if (!command.sends) return undefined;
  try {
    return batchOf(msg);
  } catch {
    return undefined; // The message cannot be read. `Run` reports why.
  }
}

/** Returns the typed fields that the node may have. A message that is msg.payload or msg as it is needs no field. */
function fieldsOf(RED: RED, node: Node, def: FlowDef, type: string, sendsEntire: boolean): NodeFields | undefined {
  const hasNoMessage = sendsEntire || (def.messageType === 'msg' && def.message === 'payload');
  const names = Object.keys(typedFields[type] ?? {}).filter((name) => name !== 'message' || !hasNoMessage);
  return NodeFields.of(RED, node, def, names);
}
