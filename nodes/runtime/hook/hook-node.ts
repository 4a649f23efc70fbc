import type { Node } from '@node-red/registry';
import { Hook, hookOptions, messageOf, type Registry, read } from '../../../src/index';
import { currentOptions } from '../config-node';
import type { FlowsStarted } from '../flows-started';
import type { Message } from '../message';
import { createNode, type FlowDef, isTrue, isWired, type RED } from '../red';
import { nodeLog } from '../sockets';
import { StatusLine } from '../status';
import { type Arriving, eachEvent } from './arriving';
import { type Handed, Jobs, type Waiting } from './job';
import { Outcomes } from './outcomes';
import { PendingEvents } from './pending-events';
import { UndeliveredWarnings } from './undelivered-warnings';

/** The constructor of the node that calls 4D with incoming events. */
export const hookNode = (RED: RED, registry: Registry, flowsStarted: FlowsStarted) =>
  function (this: Node, def: FlowDef): void {
    createNode(RED, this, def);
    const log = nodeLog(this);
    const [status, raise] = [new StatusLine(RED, this), isTrue(def.raise)];
    const warnings = new UndeliveredWarnings(log);
    const outcomes = new Outcomes(registry, status, log, raise, (why) => {
      // A raised failure is in the log already, or at a Catch node.
      if (!raise && !isWired(this, 1)) warnings.add(why);
    });
    const jobs = new Jobs(registry);
    const pending = new PendingEvents(this.id);
    let hook: Hook<Waiting> | undefined;
    let openError: unknown;
    try {
      const options = read(hookOptions, currentOptions(RED, this, def, hookOptions)());
      hook = new Hook(options, outcomes, log);
      outcomes.show(hook, options.eventsPerCall > 1);
    } catch (error) {
      openError = error;
      status.fail(error);
      this.error(messageOf(error), {});
    }

    const accept = (arriving: Arriving, handed?: Handed) => {
      try {
        if (!hook) throw openError;
        if ('unreadable' in arriving) throw arriving.unreadable;
        const job = handed ? jobs.restored(arriving, handed) : jobs.of(arriving);
        if (!pending.isWaiting) hook.add(job);
        else if (!pending.hold(job, hook.status.limit)) hook.refuse(job);
      } catch (error) {
        outcomes.rejected(arriving, error);
      }
    };
    const started = () =>
      pending.start(
        (msg) => this.receive(msg),
        (job) => hook?.add(job),
      );
    const notStarted = pending.isWaiting ? flowsStarted.once('server', started) : undefined;
    this.on('input', (given, send, done) => {
      const handed = pending.eventOf(given);
      if (handed) accept({ msg: given, send, done } as Arriving, handed);
      else for (const event of eachEvent(given as Message, { send, done } as Omit<Arriving, 'msg'>, log)) accept(event);
    });
    this.on('close', (removed: boolean, closed: () => void) => {
      outcomes.close();
      warnings.close();
      notStarted?.();
      if (removed) {
        hook?.close();
        const { left, early } = pending.take();
        for (const handed of left) accept({ msg: handed.msg, send: (ports) => this.send(ports as never), done: () => {} }, handed);
        for (const job of early) hook?.add(job);
        warnLost(this, outcomes.lostAtClose);
      } else pending.leave(hook?.handOver() ?? [], (count) => warnGone(this, count), log);
      closed();
    });
  };

const counted = (events: number) => (events === 1 ? 'One event' : `${events} events`);

/** Reports the events that a removed node did not deliver. */
function warnLost(node: Node, count: number): void {
  if (count === 0) return;
  const rest = 'since the node was removed. Nodes that the same deploy stops did not receive them.';
  node.warn(`${counted(count)} that waited for 4D came out of the second port undelivered, ${rest}`);
}

/** Reports the events that waited when Node-RED ended. */
function warnGone(node: Node, count: number): void {
  const [was, is] = count === 1 ? ['was', 'is'] : ['were', 'are'];
  node.warn(`${counted(count)} that waited for 4D ${was} not delivered and ${is} gone, since Node-RED ended.`);
}
