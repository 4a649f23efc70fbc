import { within } from './queue';

/** The clock first, so that the time is real again; what is tested last, so that no peer keeps it waiting. */
const order = ['clock', 'peer', 'tested'] as const;
const undos: { undo: () => unknown; what: (typeof order)[number] }[] = [];

/** What a test opened, and how it is closed again. */
export const onTeardown = (undo: () => unknown, what: (typeof order)[number] = 'peer') => void undos.push({ undo, what });

/** For `afterEach`: closes all of it, and fails where that takes longer than anything here may take. */
export async function teardown(): Promise<void> {
  const failures: unknown[] = [];
  const all = undos.splice(0).sort((a, b) => order.indexOf(a.what) - order.indexOf(b.what));
  for (const { undo, what } of all) {
    await within(Promise.resolve().then(undo), `the end of what the test opened (${what})`, 1500).catch((error) => failures.push(error));
  }
  if (failures.length > 0) throw failures[0];
}

/** Puts something else in the place of a function, until the test ends. */
export function stub<O extends object, N extends keyof O>(owner: O, name: N, other: O[N]): void {
  const own = owner[name];
  owner[name] = other;
  onTeardown(() => {
    owner[name] = own;
  });
}
