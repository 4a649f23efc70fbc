import type { Node, NodeMessageInFlow } from '@node-red/registry';
import { type Call, type Command, type Done, type Layer, type Log, type Registry, refusals, SocketError, type To } from '../../src/index';
import type { CommandRow } from '../catalog';
import { findConfig, type FlowDef, isTrue, type RED, type Socket, use } from './red';
import { clearSocket, makeSocket, nodeLog } from './sockets';
import { StatusLine } from './status';

type Message = NodeMessageInFlow & Record<string, unknown>;

/** What a command came to: the message that goes on, and what `done` is told. */
interface Outcome {
  readonly message: Message;
  readonly error?: Error | string;
}

/** Every command node. The only place that calls `done`, and it does so once for each message. */
export const commandNode = (RED: RED, registry: Registry, { side, command }: CommandRow) =>
  function (this: Node, def: FlowDef): void {
    RED.nodes.createNode(this, def);
    const raise = isTrue(def.raise);
    const log = nodeLog(this);
    const own = new Set<Socket>();
    const status = new StatusLine(RED, this);
    const found = findConfig(RED, def, side);
    const config = found === 'missing' ? undefined : found;
    if (config) {
      use(config, this);
      if (!isCreate(command)) status.follow(config.socket);
    }

    const create = (of: Socket['side'], given: Layer): number => {
      if (found === 'missing') throw refusals.missingConfig(of);
      const socket = makeSocket(registry, of, this, { base: config?.layer ?? (() => ({})), given }, { checked: true });
      own.add(socket);
      return socket.id;
    };
    const call = (msg: Message): Call => ({
      registry,
      payload: socketObject(command, msg.payload),
      configured: isCreate(command) ? undefined : found === 'missing' ? found : found?.socket,
      fallback: msg.socket,
      details: isRecord(msg.details) ? msg.details : undefined,
      to: def.to as To | undefined,
      ...(isCreate(command) && { create }),
    });

    this.on('input', (msg, send, done) => {
      run(command, call, msg as Message, raise, log, ({ message, error }) => {
        if (error) status.fail(String(error));
        else status.succeed();
        send(message);
        done(error as Error | undefined);
      });
    });
    this.on('close', (done: () => void) => {
      Promise.all([...own].map((socket) => clearSocket(registry, socket)))
        .catch((error) => log.error(error))
        .finally(() => done());
    });
  };

/** A command that can make a socket tells its config node's options, not its config node's socket. */
const isCreate = (command: Command) => 'id' in command.outputs;

/** Never throws and never rejects: whatever happens becomes one outcome. */
function run(command: Command, callOf: (msg: Message) => Call, msg: Message, raise: boolean, log: Log, end: (outcome: Outcome) => void): void {
  let call: Call | undefined;
  let ended = false;
  const finish = (outcome: Outcome) => {
    ended = true;
    end(outcome);
  };
  const reply = (done: Done) => {
    const { success, errorStr } = done.status as { success?: boolean; errorStr?: string };
    const message = answer(msg, done);
    finish(success === false && raise ? { message, error: String(errorStr) } : { message });
  };
  const fail = (cause: unknown) => {
    if (ended) return log.error(cause);
    const error = cause instanceof SocketError ? cause : refusals.internal(cause);
    const alias = 'errStr' in command.outputs ? { errStr: error.message } : {};
    const status = { success: false, ...command.refused, errorStr: error.message, ...alias, errorCode: error.code };
    finish({ message: answer(msg, { status, socket: call && namedId(call) }), error });
  };
  try {
    call = callOf(msg);
    command.run(call, reply)?.catch(fail);
  } catch (cause) {
    fail(cause);
  }
}

/** The message goes on with the answer; what the flow handed in stays as it was. */
function answer(msg: Message, { status, socket }: Done): Message {
  return { ...msg, payload: status, ...(socket !== undefined && { socket }) };
}

/** The id that a refused call was about, if it was about one. */
function namedId({ payload, configured }: Call): number | undefined {
  const id = payload.id ?? (typeof configured === 'object' ? configured.id : undefined);
  return typeof id === 'number' ? id : undefined;
}

/** `msg.payload` as the plugin's socket object. For the send nodes anything else is the message itself. */
function socketObject(command: Command, payload: unknown): Layer {
  const isData = Buffer.isBuffer(payload) || ArrayBuffer.isView(payload) || payload instanceof ArrayBuffer;
  if (isRecord(payload) && !isData) return payload;
  if ('method' in command.fields) return typeof payload === 'string' ? { method: payload } : {};
  if (!('payloadSize' in command.refused || 'statuses' in command.refused)) return {};
  if (payload === undefined || payload === null) return {};
  if (typeof payload === 'string' || Array.isArray(payload) || isData) return { message: payload };
  return typeof payload === 'object' || typeof payload === 'symbol' || typeof payload === 'function' ? {} : { message: String(payload) };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
