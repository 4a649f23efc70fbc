import { within } from './queue';

/** The clock first, so that the time is real again. The tested object last, so that no peer delays it. */
const order = ['clock', 'peer', 'tested'] as const;
const undos: { undo: () => unknown; what: (typeof order)[number] }[] = [];

/** The resources of a test, with the functions that close them. */
export const onTeardown = (undo: () => unknown, what: (typeof order)[number] = 'peer') => void undos.push({ undo, what });

/** Closes all resources, for `afterEach`, and fails if that takes too long. */
export async function teardown(): Promise<void> {
  const failures: unknown[] = [];
  const all = undos.splice(0).sort((a, b) => order.indexOf(a.what) - order.indexOf(b.what));
  for (const { undo, what } of all) {
    await within(Promise.resolve().then(undo), `the end of what the test opened (${what})`, 1500).catch((error) => failures.push(error));
  }
  if (failures.length > 0) throw failures[0];
}

/** Replaces a function until the test ends. */
export function stub<O extends object, N extends keyof O>(owner: O, name: N, other: O[N]): void {
  const own = owner[name];
  owner[name] = other;
  onTeardown(() => {
    owner[name] = own;
  });
}
