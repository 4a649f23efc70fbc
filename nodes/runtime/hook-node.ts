import { randomBytes } from 'node:crypto';
import type { Node, NodeMessageInFlow } from '@node-red/registry';
import {
  type Answer,
  carryOut,
  eventNames,
  Hook,
  type HookFailure,
  hookOptions,
  type Job,
  jsonOf,
  messageOf,
  type Receiver,
  type Registry,
  read,
  type Status,
} from '../../src/index';
import { givenOptions } from './config-node';
import { currentCredentials, currentProperties } from './environment';
import { type FlowDef, isTrue, type RED } from './red';
import { nodeLog } from './sockets';
import { StatusLine } from './status';

type Message = NodeMessageInFlow & Record<string, unknown>;

/** What is told of an event when 4D took it, or did not: a message out of a port, and the end of the event. */
interface Waiting {
  readonly msg: Message;
  readonly send: (ports: [answer: Message | null, undelivered?: Message]) => void;
  readonly done: (error?: Error | string) => void;
}

/** The node that calls 4D with the events that are wired into it. */
export const hookNode = (RED: RED, registry: Registry) =>
  function (this: Node, def: FlowDef): void {
    RED.nodes.createNode(this, def);
    const log = nodeLog(this);
    const status = new StatusLine(RED, this);
    const raise = isTrue(def.raise);
    const run = randomBytes(4).toString('hex');
    let seq = 0;
    /** The newest event came out of the second port. */
    let lost: HookFailure | undefined;
    let lostAtClose = 0;
    let closing = false;

    const open = (): Hook<Waiting> => {
      const given = { ...currentProperties(RED, this, def)(), ...currentCredentials(RED, this) };
      const options = read(hookOptions, givenOptions(RED, given, hookOptions));
      const isList = options.eventsPerCall > 1;
      const receiver: Receiver<Waiting> = {
        async delivered(jobs, answer) {
          lost = undefined;
          const last = jobs[jobs.length - 1] as Job<Waiting>;
          const { socket, client } = last.event;
          const statuses = await carryOut(registry, { socket, client }, answer.actions);
          const origins = jobs.map(({ of: { msg } }) => msg.details ?? msg.payload);
          emit(last.of, [answered(last.of.msg, answer, statuses, isList ? origins : origins[0])]);
          const error = firstError(statuses, raise);
          for (const { of } of jobs) of.done(error);
        },
        undelivered({ of }, failure) {
          const { errorStr, http_status } = failure;
          if (closing) lostAtClose++;
          else lost = failure;
          emit(of, [null, { ...of.msg, errorStr, http_status }]);
          of.done(failure.wrong || (raise && !closing) ? errorStr : undefined);
        },
        changed: () => {
          if (!closing) status.queue({ ...hook.standing, lost });
        },
      };
      const hook = new Hook(options, receiver, log);
      status.queue({ ...hook.standing, lost });
      return hook;
    };
    /** A message that cannot be copied for the second wire must not take the queue with it. */
    const emit = ({ send }: Waiting, ports: Parameters<Waiting['send']>[0]) => {
      try {
        send(ports);
      } catch (error) {
        log.error(error);
      }
    };

    let hook: Hook<Waiting> | undefined;
    let refused: unknown;
    try {
      hook = open();
    } catch (error) {
      refused = error;
      status.fail(error);
      this.error(messageOf(error), {});
    }

    this.on('input', (msg, send, done) => {
      for (const waiting of eachEvent(msg as Message, send as Waiting['send'], done as Waiting['done'])) {
        try {
          if (!hook) throw refused;
          hook.add(jobOf(waiting, registry.method, run, ++seq));
        } catch (error) {
          emit(waiting, [null, { ...waiting.msg, errorStr: messageOf(error), http_status: 0 }]);
          waiting.done(error as Error);
        }
      }
    });
    this.on('close', () => {
      closing = true;
      hook?.close();
      if (lostAtClose > 0) {
        const events = lostAtClose === 1 ? 'One event' : `${lostAtClose} events`;
        this.warn(`${events} that waited for 4D came out of the second port undelivered, since the node was closed.`);
      }
    });
  };

/** The events in a message: one, or those of a batch of an events node, which is done when all are. */
function eachEvent(msg: Message, send: Waiting['send'], done: Waiting['done']): Waiting[] {
  const { payload, details, batch, ...rest } = msg;
  if (typeof batch !== 'number' || !Array.isArray(payload)) return [{ msg, send, done }];
  if (payload.length === 0) done();
  let outstanding = payload.length;
  let failure: Error | string | undefined;
  const ended: Waiting['done'] = (error) => {
    failure ??= error;
    if (--outstanding === 0) done(failure);
  };
  return payload.map((one, i) => ({
    msg: { ...rest, payload: one, ...(Array.isArray(details) && { details: details[i] }) } as Message,
    send,
    done: ended,
  }));
}

/** @throws SocketError `ERR_OPTION` if the payload cannot be written. */
function jobOf(waiting: Waiting, currentMethod: string, run: string, seq: number): Job<Waiting> {
  const { type, socket, method, payload, details } = waiting.msg;
  const code = typeof type === 'number' && type in eventNames ? type : 0;
  const id = typeof socket === 'number' ? socket : 0;
  const client = clientOf(payload) ?? clientOf(details);
  return {
    connection: `${id} ${client ?? ''}`,
    event: {
      type: code,
      event: eventNames[code as 0],
      socket: id,
      client,
      message: jsonOf(payload),
      method: typeof method === 'string' ? method : currentMethod,
      run,
      seq,
      time: new Date().toISOString(),
    },
    of: waiting,
  };
}

function clientOf(value: unknown): string | undefined {
  const client = typeof value === 'object' && value !== null ? (value as { client?: unknown }).client : undefined;
  return typeof client === 'string' ? client : undefined;
}

/** The event goes on with what 4D said; what it was is in `details`. */
const answered = (msg: Message, { payload, http_status }: Answer, actions: readonly Status[], details: unknown): Message => ({
  ...msg,
  payload,
  details,
  http_status,
  actions,
});

/** Whether to report how the actions went: always what 4D asked wrongly, and with Raise failures what the world said no to. */
function firstError(statuses: readonly Status[], raise: boolean): string | undefined {
  for (const status of statuses) {
    const { success, errorStr, errorCode } = status as { success?: boolean; errorStr?: string; errorCode?: string };
    if (success === false && (errorCode !== undefined || raise)) return errorStr;
  }
  return undefined;
}
