import { type Item, startServer, stopServer, unload } from '../helpers/flow';
import { teardown } from '../helpers/teardown';

/** Has the tests of a `describe` run in a Node-RED runtime, and closes after each whatever it opened. */
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

/** Command nodes by their names, `create` for `ix-client-create`; with a config node, they name it. */
export const nodesOf = (side: 'client' | 'server', names: string, config?: string): Item[] =>
  names.split(' ').map((name) => ({ id: name, type: `ix-${side}-${name}`, ...(config && { [side]: config }) }));

/** A Catch node and, for these nodes, a Complete node: what they hear comes to `caught` and `completed`. */
export const watchers = (...completing: string[]): Item[] => [
  { id: 'catch', type: 'catch', scope: null, uncaught: false, wires: [['caught']] },
  { id: 'caught', type: 'helper' },
  ...(completing.length > 0 ? [{ id: 'complete', type: 'complete', scope: completing, wires: [['completed']] }] : []),
  { id: 'completed', type: 'helper' },
];

/** Tries until it is so; rejects with what was missing. For what nothing tells of. */
export async function until(isSo: () => boolean | Promise<boolean>, what: string, ms = 4000): Promise<void> {
  const end = Date.now() + ms;
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error(`${what}: not within ${ms} ms`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Time for what must not happen. What does happen is waited for. */
export const waitQuietly = (ms = 150) => new Promise<void>((resolve) => setTimeout(resolve, ms));
