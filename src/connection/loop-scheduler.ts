import type { Log } from '../core/log';

/**
 * Work for the end of the current turn of the event loop. `setImmediate`, not a microtask: Node-RED delivers each message in an
 * immediate of its own, and microtasks run between them.
 */
export interface Task {
  /** Is told if the work throws. */
  readonly log: Log;
  runTask(): void;
}

let tasks: Task[] = [];
let turn = 0;
let isAsked = false;
let reads = 0;
let readBytes = 0;
let deferrals = 0;
/** The one message that was read is answered in this turn, perhaps. */
let isAlone = false;

/** So many connections to be written to take longer than another turn does: what arrived meanwhile is to leave with the rest. */
const minTasksToDefer = 32;
const maxDeferrals = 2;

/** Has a job done once, when the messages of this turn have been dealt with. */
export function atEndOfTurn(task: Task): void {
  tasks.push(task);
  ask();
}

/** How much is read in a turn, from all: what is on its way through the flow when the garbage is collected has to be copied. */
const turnBudget = { messages: 512, bytes: 1024 * 1024 };

/** Without others that want more, one connection gets a quarter. */
const fewestSharers = 4;
const smallestShare = { frames: 8, bytes: 16 * 1024 };

/** How much is read from one connection in this turn, before others, and the flow, have theirs. */
export const share = { frames: turnBudget.messages / fewestSharers, bytes: turnBudget.bytes / fewestSharers };
let sharers = 0;

/** To be called for each connection that has used up its share: in the next turn they share equally. */
export function askForShare(task: Task): void {
  sharers++;
  atEndOfTurn(task);
}

/** To be called for what is read: messages, and frames that are no whole message. @returns a number that changes with every turn. */
export function readingTurn(frames: number, bytes: number): number {
  reads += frames;
  readBytes += bytes;
  ask();
  return turn;
}

/** Whether enough was read in this turn. */
export const isTurnFull = () => reads >= turnBudget.messages || readBytes >= turnBudget.bytes;

/**
 * Whether what is sent now need not wait for more: only one message was read, and this is the first that is sent since. Where one waits for
 * the answer to the other, the end of the turn would be a detour.
 */
export function isOnlyAnswer(): boolean {
  const was = isAlone;
  isAlone = false;
  return was;
}

function ask(): void {
  if (isAsked) return;
  isAsked = true;
  setImmediate(endTurn);
}

function endTurn(): void {
  turn++;
  isAsked = false;
  const deferred = deferrals;
  deferrals = 0;
  isAlone = reads === 1;
  const hasRead = reads > 0;
  reads = readBytes = 0;
  if (tasks.length >= minTasksToDefer && hasRead && deferred < maxDeferrals) {
    deferrals = deferred + 1;
    return ask();
  }
  const among = Math.max(fewestSharers, sharers);
  sharers = 0;
  share.frames = Math.max(smallestShare.frames, turnBudget.messages / among);
  share.bytes = Math.max(smallestShare.bytes, turnBudget.bytes / among);
  const due = tasks;
  tasks = [];
  for (let i = 0; i < due.length; i++) {
    const task = due[i] as Task;
    try {
      task.runTask();
    } catch (error) {
      task.log.error(error);
    }
  }
}
