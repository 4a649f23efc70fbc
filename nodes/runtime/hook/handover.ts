import { guarded, type Log } from '../../../src/index';

interface Left {
  readonly events: readonly unknown[];
  /** Logs how many events were not taken over. */
  readonly tell: (count: number) => void;
}

const left = new Map<string, Left>();

/** Keeps waiting events for the next node of this id. When a node closes, the nodes behind its outputs may already be closed. */
export function leave(id: string, events: readonly unknown[], tell: Left['tell'], log: Log): void {
  if (events.length === 0) return;
  if (left.size === 0) process.once('exit', tellAll);
  left.set(id, { events, tell: guarded(log, tell) });
}

/** Returns the events that the last node of this id left, in order. */
export function takeUp<E>(id: string): E[] {
  const events = [...(left.get(id)?.events ?? [])];
  if (left.delete(id) && left.size === 0) process.removeListener('exit', tellAll);
  return events as E[];
}

/** At the end of Node-RED, reports the events that were not taken over. */
export function tellAll(): void {
  process.removeListener('exit', tellAll);
  const all = [...left.values()];
  left.clear();
  for (const { events, tell } of all) tell(events.length);
}
