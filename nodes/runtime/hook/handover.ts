import { guarded, type Log } from '../../../src/index';

interface Left {
  readonly events: readonly unknown[];
  /** Says how many nobody took up. */
  readonly tell: (count: number) => void;
}

const left = new Map<string, Left>();

/** Leaves what waits to the next node of this id: when a node closes, those that it is wired to may be closed already. */
export function leave(id: string, events: readonly unknown[], tell: Left['tell'], log: Log): void {
  if (events.length === 0) return;
  if (left.size === 0) process.once('exit', tellAll);
  left.set(id, { events, tell: guarded(log, tell) });
}

/** What the last node of this id has left, in order. */
export function takeUp<E>(id: string): E[] {
  const events = [...(left.get(id)?.events ?? [])];
  if (left.delete(id) && left.size === 0) process.removeListener('exit', tellAll);
  return events as E[];
}

/** At the end of Node-RED: what nobody took up is gone. */
export function tellAll(): void {
  process.removeListener('exit', tellAll);
  const all = [...left.values()];
  left.clear();
  for (const { events, tell } of all) tell(events.length);
}
