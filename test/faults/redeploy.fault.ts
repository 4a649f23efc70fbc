import assert from 'node:assert/strict';
import { counted, inWords } from './attack';
import { eventually } from './eventually';
import { fault, type Stage } from './fault';
import { Random } from './random';
import type { Item } from './subject';

const changed = (nodes: readonly Item[], id: string, changes: object) =>
  nodes.map((node) => (node.id === id ? { ...node, ...changes } : node));

/** Deploys of nodes other than the server: the crowd must not be affected. */
fault(
  'redeploys beside the server, under traffic',
  {
    more: () => [{ id: 'other', type: 'change', z: 'tab', x: 1, y: 1, rules: [], wires: [[]] }],
    count: 100,
    rehearsal: 10,
    async run({ subject, nodes, crowd }, count) {
      for (let i = 0; i < count; i++) await subject.deploy(changed(nodes, 'other', { name: `deploy ${i}` }), 'nodes');
      return crowd.areAllOpen;
    },
    figure: ({ tally }) => `100 deploys of changed nodes beside it; connections that ended: ${Object.keys(tally.closeCodes).length}`,
  },
  (outcome) => {
    it('no connection ends', () => {
      const { result, tally } = outcome();
      assert.deepEqual({ result, closed: tally.closeCodes }, { result: true, closed: {} });
    });
  },
);

/** The close code for peers of a server that is created again. */
const restartCode = 1012;

const kinds = ['nodes', 'flows', 'full'] as const;

/** Each creates a new server on the same port. A changed option shows that it is the new one. */
async function redeploy({ subject, nodes, crowd }: Stage, count: number) {
  for (let i = 0; i < count; i++) {
    const random = new Random(i);
    await subject.deploy(changed(nodes, 'server', { maxPayload: 1_000_000 + i }), random.pick(kinds));
    // Some deploys happen while all peers send, some while they still reconnect.
    if (random.chance(0.7)) await eventually(() => crowd.areAllOpen, 'the return of the crowd');
  }
  await eventually(() => crowd.areAllOpen, 'the return of the crowd');
}

fault(
  'redeploys of the server, under traffic',
  {
    // Peers on a busy machine answer a close frame late.
    server: { closeTimeoutMs: 3000 },
    crowd: { returns: true, perSecond: 100 },
    remembers: true,
    count: 200,
    rehearsal: 20,
    async run(stage, count) {
      const before = stage.crowd.codes.length;
      await redeploy(stage, count);
      return stage.crowd.codes.slice(before);
    },
    figure: ({ result }) => `200 deploys, each with a new server on the same port; connections ended with ${inWords(counted(result))}`,
  },
  (outcome, stage) => {
    it(`every connection ends with a closing handshake and ${restartCode}`, () => {
      const codes = outcome().result;
      assert.ok(codes.length > 0, 'no connection ended');
      assert.deepEqual([...new Set(codes)], [restartCode]);
    });

    it('what was answered as handed over did arrive', () => {
      const { got } = stage().crowd;
      const { handed } = outcome().tally;
      const missing = Object.entries(handed).flatMap(([uri, all]) =>
        all.filter((each) => !got[uri]?.has(each)).map((each) => `${uri} ${each}`),
      );
      assert.ok(Object.values(handed).flat().length > 1000, 'hardly anything was sent');
      assert.deepEqual(missing, []);
    });

    it('no Catch node received an error', () => {
      assert.deepEqual(outcome().tally.caught, []);
    });
  },
);
