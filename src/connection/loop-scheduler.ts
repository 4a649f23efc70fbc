import { Fifo } from '../core/fifo';
import type { Log } from '../core/log';

/**
 * Work for the end of the current event-loop turn. It runs in `setImmediate`, not in a microtask. Node-RED delivers each message in its own
 * immediate, and microtasks run between them.
 */
export interface Task {
  /** Receives the error if the task throws. */
  readonly log: Log;
  runTask(): void;
}

let tasks: Task[] = [];
/** The connections that wait for their turn to be read. */
const readers = new Fifo<Task>();
/** The connections that the tasks write to. */
let writes = 0;
let turn = 0;
let isAsked = false;
let reads = 0;
let readBytes = 0;
/** The messages read since the last writes. */
let readSinceWrites = 0;
let readConnections = 0;
let deferrals = 0;
/** True if only one message was read, and this turn may send its answer. */
let isAlone = false;

/**
 * Minimum number of connections for which tasks are deferred. Writing to so many takes longer than another turn, so later messages can
 * join the same writes.
 */
const minWritesToDefer = 32;
const maxDeferrals = 2;

/** Runs a task once, after the messages of this turn have been handled. @param connections number of connections that it writes to. */
export function atEndOfTurn(task: Task, connections = 1): void {
  tasks.push(task);
  writes += connections;
  ask();
}

/** Maximum amount read in one turn from all connections. Data that is in the flow during a garbage collection has to be copied. */
const turnBudget = { messages: 512, bytes: 1024 * 1024, connections: 64 };

/** Minimum divisor of the turn budget. A connection gets at most a quarter, even if no other connection wants more. */
const fewestSharers = 4;
const smallestShare = { frames: 8, bytes: 16 * 1024 };

/** Maximum amount read from one connection in this turn. The rest of the turn is for other connections and the flow. */
export const share = { frames: turnBudget.messages / fewestSharers, bytes: turnBudget.bytes / fewestSharers };
let sharers = 0;

/** Resumes a connection that has used up its share. In the next turn such connections share equally. */
export function askForShare(task: Task): void {
  sharers++;
  readers.push(task);
  ask();
}

/** Returns true if data that comes now may be read in this turn. */
export function mayRead(): boolean {
  if (readers.length > 0 || isTurnFull()) return false;
  readConnections++;
  return true;
}

/** Counts read messages, and frames that are not a whole message. @returns a number that changes with every turn. */
export function readingTurn(frames: number, bytes: number): number {
  reads += frames;
  readBytes += bytes;
  ask();
  return turn;
}

/** Returns true if the read budget of this turn is used up. */
export const isTurnFull = () => reads >= turnBudget.messages || readBytes >= turnBudget.bytes || readConnections >= turnBudget.connections;

/**
 * Returns true if a message need not wait for others. This is the case if one message was read, and this is the first one sent since. In a
 * request-response exchange, waiting for the end of the turn would only add latency.
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
  readSinceWrites += reads;
  // If each connection has read one message, more turns bring messages of others, and nothing to join.
  const mayJoin = readSinceWrites >= 2 * tasks.length;
  reads = readBytes = readConnections = 0;
  if (writes >= minWritesToDefer && hasRead && mayJoin && deferred < maxDeferrals) {
    deferrals = deferred + 1;
    return ask();
  }
  const among = Math.max(fewestSharers, sharers);
  sharers = 0;
  share.frames = Math.max(smallestShare.frames, turnBudget.messages / among);
  share.bytes = Math.max(smallestShare.bytes, turnBudget.bytes / among);
  const due = tasks;
  tasks = [];
  writes = readSinceWrites = 0;
  for (let i = 0; i < due.length; i++) run(due[i] as Task);
  readOn();
}

/** Reads the connections that wait, as far as this turn allows. */
function readOn(): void {
  // Those that ask again meanwhile have their turn after the others.
  for (let left = readers.length; left > 0 && !isTurnFull(); left--) {
    readConnections++;
    run(readers.shift() as Task);
  }
  if (readers.length > 0) ask();
}

function run(task: Task): void {
  try {
    task.runTask();
  } catch (error) {
    task.log.error(error);
  }
}
