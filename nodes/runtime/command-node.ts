import type { Node, NodeMessageInFlow } from '@node-red/registry';
import {
  type Call,
  type Command,
  type Done,
  type Layer,
  type Log,
  type Registry,
  refusals,
  SocketError,
  type To,
} from '../../src/index';
import type { CommandRow } from '../catalog';
import { type FlowDef, findConfig, isTrue, type RED, type Socket, use } from './red';
import { clearSocket, makeSocket, nodeLog } from './sockets';
import { StatusLine } from './status';

type Message = NodeMessageInFlow & Record<string, unknown>;

/** What a node needs to run its command on a message. */
interface Kit {
  readonly command: Command;
  readonly callOf: (msg: Message) => Call;
  /** Report what the world said no to as an error too. */
  readonly raise: boolean;
  readonly log: Log;
}

/** Called once for each message: with the message that goes on, and what `done` is told. */
type End = (message: Message, error?: Error | string) => void;

/** Every command node. The only place that calls `done`, and it does so once for each message. */
export const commandNode = (RED: RED, registry: Registry, { side, command }: CommandRow) =>
  function (this: Node, def: FlowDef): void {
    RED.nodes.createNode(this, def);
    const log = nodeLog(this);
    const own = new Set<Socket>();
    const status = new StatusLine(RED, this);
    const found = findConfig(RED, def, side);
    const config = found === 'missing' ? undefined : found;
    const creates = isCreate(command);
    const configured = creates ? undefined : found === 'missing' ? found : found?.socket;
    if (config) {
      use(config, this);
      if (!creates) status.follow(config.socket);
    }

    const create = (of: Socket['side'], given: Layer): number => {
      if (found === 'missing') throw refusals.missingConfig(of);
      const socket = makeSocket(registry, of, this, { base: config?.layer ?? (() => ({})), given }, { checked: true });
      own.add(socket);
      return socket.id;
    };
    const callOf = (msg: Message): Call => ({
      registry,
      payload: socketObject(command, msg.payload),
      configured,
      fallback: msg.socket,
      details: isRecord(msg.details) ? msg.details : undefined,
      to: def.to as To | undefined,
      create: creates ? create : undefined,
    });

    const kit: Kit = { command, callOf, raise: isTrue(def.raise), log };

    this.on('input', (msg, send, done) => {
      const end: End = (message, error) => {
        if (error === undefined) status.succeed();
        else status.fail(String(error));
        // Both may throw: a Catch or Complete node, and each wire but the first, get copies, and not every message can be copied.
        try {
          send(message);
        } catch (cause) {
          log.error(cause);
        }
        try {
          done(error as Error | undefined);
        } catch (cause) {
          log.error(cause);
        }
      };
      if (isBatch(command, msg as Message)) runBatch(kit, msg as Message, end);
      else run(kit, msg as Message, end);
    });
    this.on('close', (done: () => void) => {
      Promise.all([...own].map((socket) => clearSocket(registry, socket)))
        .catch((error) => log.error(error))
        .finally(() => done());
    });
  };

/** A command that can make a socket tells its config node's options, not its config node's socket. */
const isCreate = (command: Command) => 'id' in command.outputs;

/** Never throws and never rejects: whatever happens becomes one end. */
function run({ command, callOf, raise, log }: Kit, msg: Message, end: End): void {
  let call: Call | undefined;
  let ended = false;
  const reply = ({ status, socket }: Done) => {
    ended = true;
    const { success, errorStr } = status as { success?: boolean; errorStr?: string };
    end(answer(msg, status, socket), success === false && raise ? String(errorStr) : undefined);
  };
  const fail = (cause: unknown) => {
    if (ended) return log.error(cause);
    ended = true;
    const error = cause instanceof SocketError ? cause : refusals.internal(cause);
    const alias = 'errStr' in command.outputs ? { errStr: error.message } : {};
    const status = { success: false, ...command.refused, errorStr: error.message, ...alias, errorCode: error.code };
    end(answer(msg, status, call && namedId(call)), error);
  };
  try {
    call = callOf(msg);
    command.run(call, reply)?.catch(fail);
  } catch (cause) {
    fail(cause);
  }
}

/** A batch of an events node, wired into a send node. */
function isBatch(command: Command, msg: Message): boolean {
  try {
    return isSend(command) && typeof msg.batch === 'number' && Array.isArray(msg.payload);
  } catch {
    return false; // A message that cannot be read: `run` says what is wrong with it.
  }
}

/** Sends each message of a batch; the answer is the list of their statuses. */
function runBatch(kit: Kit, msg: Message, end: End): void {
  const items = msg.payload as unknown[];
  const statuses: unknown[] = new Array(items.length);
  let outstanding = items.length;
  let failure: Error | string | undefined;
  if (items.length === 0) return end(answer(msg, [], undefined));
  for (const [i, payload] of items.entries()) {
    run(kit, { ...msg, payload }, (message, error) => {
      statuses[i] = message.payload;
      failure ??= error;
      if (--outstanding === 0) end(answer(message, statuses, undefined), failure);
    });
  }
}

/** The message goes on with the answer; what the flow handed in stays as it was. */
function answer(msg: Message, status: unknown, socket: number | undefined): Message {
  // A clone and two stores: V8 does this many times faster than a spread with something after it.
  const message = readable(msg);
  message.payload = status;
  if (socket !== undefined) message.socket = socket;
  return message;
}

/** A copy without those properties that throw when they are read: an answer has to go out whatever came in. */
function readable(msg: Message): Message {
  try {
    return { ...msg };
  } catch {
    const copy: Record<string, unknown> = {};
    for (const name of Object.keys(msg)) {
      try {
        copy[name] = msg[name];
      } catch {
        // That one stays behind.
      }
    }
    return copy as Message;
  }
}

/** The id that a refused call was about, if it was about one. */
function namedId({ payload, configured }: Call): number | undefined {
  try {
    const id = payload.id ?? (typeof configured === 'object' ? configured.id : undefined);
    return typeof id === 'number' ? id : undefined;
  } catch {
    return undefined;
  }
}

/** `msg.payload` as the plugin's socket object. For the send nodes anything else is the message itself. */
function socketObject(command: Command, payload: unknown): Layer {
  const isData = Buffer.isBuffer(payload) || ArrayBuffer.isView(payload) || payload instanceof ArrayBuffer;
  if (isRecord(payload) && !isData) return payload;
  if ('method' in command.fields) return typeof payload === 'string' ? { method: payload } : {};
  if (!isSend(command)) return {};
  if (payload === undefined || payload === null) return {};
  if (typeof payload === 'string' || Array.isArray(payload) || isData) return { message: payload };
  return typeof payload === 'object' || typeof payload === 'symbol' || typeof payload === 'function' ? {} : { message: String(payload) };
}

const isSend = ({ refused }: Command) => 'payloadSize' in refused || 'statuses' in refused;

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
