import { randomBytes } from 'node:crypto';
import type { Node } from '@node-red/registry';
import {
  type Answer,
  carryOut,
  endpointOf,
  eventNames,
  Hook,
  type HookFailure,
  hookOptions,
  type Job,
  jsonOf,
  type Log,
  messageOf,
  type Receiver,
  type Registry,
  read,
  refusalOf,
  type Status,
} from '../../../src/index';
import { currentOptions } from '../config-node';
import type { FlowsStarted } from '../flows-started';
import { callDone, type Message, readable } from '../message';
import { type FlowDef, isTrue, type RED } from '../red';
import { nodeLog } from '../sockets';
import { StatusLine } from '../status';
import { leave, takeUp } from './handover';

/** The outcome of an event: a message from one of the outputs, and the end of the event. */
interface Waiting {
  readonly msg: Message;
  readonly send: (ports: [answer: Message | null, undelivered?: Message]) => void;
  readonly done: (error?: Error | string) => void;
  /** The socket of the event. When 4D answers, another socket may have its id. */
  readonly endpoint: ReturnType<typeof endpointOf>;
}
interface Arriving extends Omit<Waiting, 'endpoint'> {
  /** The error of reading the event, which therefore cannot be delivered. */
  readonly unreadable?: unknown;
}

/** An event that waits for 4D while its node is redeployed. */
type Handed = Omit<Job<unknown>, 'of'> & Pick<Waiting, 'msg' | 'endpoint'>;

/** The constructor of the node that calls 4D with incoming events. */
export const hookNode = (RED: RED, registry: Registry, flowsStarted: FlowsStarted) =>
  function (this: Node, def: FlowDef): void {
    RED.nodes.createNode(this, def);
    const log = nodeLog(this);
    const status = new StatusLine(RED, this);
    const raise = isTrue(def.raise);
    const run = randomBytes(4).toString('hex');
    let seq = 0;
    /** The newest event left by the second output. */
    let lost: HookFailure | undefined;
    let lostAtClose = 0;
    let closing = false;

    const open = (): Hook<Waiting> => {
      const options = read(hookOptions, currentOptions(RED, this, def, hookOptions)());
      const isList = options.eventsPerCall > 1;
      const receiver: Receiver<Waiting> = {
        async delivered(jobs, answer) {
          lost = undefined;
          const last = jobs[jobs.length - 1] as Job<Waiting>;
          const { socket, client } = last.event;
          const statuses = await carryOut(registry, { socket, client, endpoint: last.of.endpoint }, answer.actions);
          const origins = jobs.map(({ of: { msg } }) => msg.details ?? msg.payload);
          emit(last.of, [answered(last.of.msg, answer, statuses, isList ? origins : origins[0])]);
          const error = firstError(statuses, raise);
          for (const { of } of jobs) callDone(of.done, error, log);
        },
        undelivered({ of }, failure) {
          const { errorStr, http_status } = failure;
          if (closing) lostAtClose++;
          else lost = failure;
          emit(of, [null, { ...of.msg, errorStr, http_status }]);
          callDone(of.done, failure.callerError || (raise && !closing) ? errorStr : undefined, log);
        },
        changed: () => {
          if (!closing) status.queue({ ...hook.status, lost });
        },
      };
      const hook = new Hook(options, receiver, log);
      status.queue({ ...hook.status, lost });
      return hook;
    };
    /** Sends a message. One that cannot be copied for a second wire must not stop the queue. */
    const emit = ({ send }: Arriving, ports: Parameters<Waiting['send']>[0]) => {
      try {
        send(ports);
      } catch (error) {
        log.error(error);
      }
    };

    let hook: Hook<Waiting> | undefined;
    let openError: unknown;
    try {
      hook = open();
    } catch (error) {
      openError = error;
      status.fail(error);
      this.error(messageOf(error), {});
    }

    /** Events of the node that this one replaces. Before the flows have started, the nodes behind the outputs may not exist. */
    let left = takeUp<Handed>(this.id);
    /** Events that came before that. They go behind the others. */
    const early: Job<Waiting>[] = [];
    const accept = (arriving: Arriving, handed?: Handed) => {
      try {
        if (!hook) throw openError;
        if ('unreadable' in arriving) throw arriving.unreadable;
        const job = handed ? replayedJob(arriving, handed) : jobOf(arriving, registry, run, ++seq);
        if (left.length === 0) hook.add(job);
        else if (early.length < hook.status.limit) early.push(job);
        else hook.refuse(job);
      } catch (error) {
        emit(arriving, [null, { ...arriving.msg, errorStr: messageOf(error), http_status: 0 }]);
        callDone(arriving.done, refusalOf(error), log);
      }
    };
    /** Events that are received again as messages, so that Node-RED gets a `done` for each. */
    const replayed = new Map<unknown, Handed[]>();
    const started = () => {
      const before = left;
      left = [];
      // A flow may have sent one object twice.
      for (const handed of before) replayed.set(handed.msg, [...(replayed.get(handed.msg) ?? []), handed]);
      for (const { msg } of before) this.receive(msg);
      for (const job of early.splice(0)) hook?.add(job);
    };
    const notStarted = left.length > 0 ? flowsStarted.once('server', started) : undefined;

    this.on('input', (given, send, done) => {
      const same = replayed.get(given);
      if (same) {
        if (same.length === 1) replayed.delete(given);
        accept({ msg: given, send, done } as Arriving, same.shift());
      } else for (const event of eachEvent(given as Message, { send, done } as Omit<Arriving, 'msg'>, log)) accept(event);
    });
    this.on('close', (removed: boolean, closed: () => void) => {
      closing = true;
      notStarted?.();
      const before = left.splice(0);
      if (removed) {
        hook?.close();
        for (const handed of before) accept({ msg: handed.msg, send: (ports) => this.send(ports as never), done: () => {} }, handed);
        for (const job of early) hook?.add(job);
        if (lostAtClose > 0) {
          const rest = 'since the node was removed. Nodes that the same deploy stops did not receive them.';
          this.warn(`${counted(lostAtClose)} that waited for 4D came out of the second port undelivered, ${rest}`);
        }
      } else {
        const waiting = [...(hook?.handOver() ?? []), ...early].map(({ of: { msg, endpoint }, ...job }) => ({ ...job, msg, endpoint }));
        const tell = (count: number) => {
          const [was, is] = count === 1 ? ['was', 'is'] : ['were', 'are'];
          this.warn(`${counted(count)} that waited for 4D ${was} not delivered and ${is} gone, since Node-RED ended.`);
        };
        leave(this.id, [...before, ...waiting], tell, log);
      }
      closed();
    });
  };

const counted = (events: number) => (events === 1 ? 'One event' : `${events} events`);

/** The properties of a message that make an event. */
const eventProperties = ['type', 'socket', 'method', 'payload', 'details', 'batch'];

/** Returns the events of a message: one, or those of a batch. A batch is done when all its events are. */
function eachEvent(given: Message, { send, done }: Omit<Arriving, 'msg'>, log: Log): Arriving[] {
  const msg = readable(given);
  try {
    // A property that threw is missing in the copy and throws here.
    for (const name of eventProperties) if (!(name in msg)) void given[name];
    const { payload, details, batch, ...rest } = msg;
    if (typeof batch !== 'number' || !Array.isArray(payload)) return [{ msg, send, done }];
    const ended = doneAfter(payload.length, (error) => callDone(done, error, log));
    return Array.from({ length: payload.length }, (_, i) => ({ ...entryOf(rest, payload, details, i), send, done: ended }));
  } catch (unreadable) {
    return [{ msg, send, done, unreadable }];
  }
}

/** Reads one event of a batch. If it cannot be read, only this one is undelivered. */
function entryOf(rest: object, payload: readonly unknown[], details: unknown, i: number): Pick<Arriving, 'msg' | 'unreadable'> {
  try {
    return { msg: { ...rest, payload: payload[i], ...(Array.isArray(details) && { details: details[i] }) } as Message };
  } catch (unreadable) {
    return { msg: { ...rest } as Message, unreadable };
  }
}

/** Returns a callback that calls `done` with the first error after a number of calls. */
function doneAfter(count: number, done: Arriving['done']): Arriving['done'] {
  let outstanding = count;
  let failure: Error | string | undefined;
  if (count === 0) done();
  return (error) => {
    failure ??= error;
    if (--outstanding === 0) done(failure);
  };
}

/** @throws SocketError `ERR_OPTION` if the payload cannot be written. */
function jobOf(arriving: Arriving, registry: Registry, run: string, seq: number): Job<Waiting> {
  const { type, socket, method, payload, details } = arriving.msg;
  const code = typeof type === 'number' && type in eventNames ? type : 0;
  const id = typeof socket === 'number' ? socket : 0;
  // Beside details the payload is the peer's own data, which could name another connection.
  const client = clientOf(isObject(details) ? details : payload);
  return {
    connection: `${id} ${client ?? ''}`,
    event: {
      type: code,
      event: eventNames[code as 0],
      socket: id,
      client,
      message: jsonOf(payload),
      method: typeof method === 'string' ? method : registry.method,
      run,
      seq,
      time: new Date().toISOString(),
    },
    of: { ...arriving, endpoint: endpointOf(registry, id) },
  };
}

/** Restores an event with the run and seq that 4D knows. */
const replayedJob = (arriving: Arriving, { connection, event, endpoint }: Handed): Job<Waiting> => ({
  connection,
  event,
  of: { ...arriving, endpoint },
});

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** The name of a connection has about 12 characters. A much longer text was written by a peer. */
const maxClientLength = 128;

function clientOf(value: unknown): string | undefined {
  const client = isObject(value) ? (value as { client?: unknown }).client : undefined;
  return typeof client === 'string' && client.length <= maxClientLength ? client : undefined;
}

/** Returns the event with the answer of 4D as its payload; the original payload is in `details`. */
const answered = (msg: Message, { payload, http_status }: Answer, actions: readonly Status[], details: unknown): Message => ({
  ...msg,
  payload,
  details,
  http_status,
  actions,
});

/** Returns the error to report for the actions: always a caller error of 4D, and operational failures with Raise failures. */
function firstError(statuses: readonly Status[], raise: boolean): string | undefined {
  for (const status of statuses) {
    const { success, errorStr, errorCode } = status as { success?: boolean; errorStr?: string; errorCode?: string };
    if (success === false && (errorCode !== undefined || raise)) return errorStr;
  }
  return undefined;
}
