import { type Item, startServer, stopServer, unload } from '../helpers/flow';
import { teardown } from '../helpers/teardown';

/** Runs the tests of a `describe` in a Node-RED runtime, and closes the resources of each afterwards. */
export function inNodeRed(): void {
  before(startServer);
  after(stopServer);
  afterEach(async () => {
    try {
      await unload();
    } finally {
      await teardown();
    }
  });
}

/** Returns command nodes by their names, `create` for `ix-client-create`, with the config node, if any. */
export const nodesOf = (side: 'client' | 'server', names: string, config?: string): Item[] =>
  names.split(' ').map((name) => ({ id: name, type: `ix-${side}-${name}`, ...(config && { [side]: config }) }));

/** Returns a Catch node and, for these nodes, a Complete node, wired to `caught` and `completed`. */
export const watchers = (...completing: string[]): Item[] => [
  { id: 'catch', type: 'catch', scope: null, uncaught: false, wires: [['caught']] },
  { id: 'caught', type: 'helper' },
  ...(completing.length > 0 ? [{ id: 'complete', type: 'complete', scope: completing, wires: [['completed']] }] : []),
  { id: 'completed', type: 'helper' },
];

/** Polls until a condition holds, for conditions without an event; rejects with its description. */
export async function until(isSo: () => boolean | Promise<boolean>, what: string, ms = 4000): Promise<void> {
  const end = Date.now() + ms;
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error(`${what}: not within ${ms} ms`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Waits a fixed time for events that must not happen. */
export const waitQuietly = (ms = 150) => new Promise<void>((resolve) => setTimeout(resolve, ms));
