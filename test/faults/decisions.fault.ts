import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { within } from '../helpers/queue';
import { Bare, counted, inWords, many, upgrade } from './attack';
import { eventually } from './eventually';
import { fault, type Stage } from './fault';
import { Random } from './random';

/** Kinds of requests with their share, and the status of their answer. */
const kinds = {
  accept: { share: 45, status: '101' },
  refuse: { share: 25, status: '403' },
  /** Answered 0.3 s after the end of the question. */
  late: { share: 5, status: '503' },
  /** Never answered. */
  never: { share: 5, status: '503' },
  /** Answered twice. */
  twice: { share: 5, status: '101' },
  /** The peer is gone before the answer. */
  gone: { share: 15, status: 'none' },
} as const;
type Kind = keyof typeof kinds;
const names = Object.keys(kinds) as Kind[];
const drawn = names.flatMap((kind) => Array<Kind>(kinds[kind].share).fill(kind));

/** More from one address would have to wait for so long that the server drops them as silent. */
const atOnce = 300;

/** The counts of `node/faults-judge.js`. */
type Judged = Record<string, { readonly asked: number; readonly succeeded: number; readonly failed: number }>;

async function one(port: number, i: number): Promise<readonly [Kind, string]> {
  const random = new Random(i);
  const kind = random.pick(drawn);
  const bare = await Bare.open(port);
  bare.socket.write(upgrade({ target: `/ask/${kind}/${i}` }));
  if (kind === 'gone') {
    await sleep(random.int(20, 150));
    bare.reset();
    return [kind, 'none'];
  }
  const status = await within(bare.status(), 'the answer to an upgrade', 20_000);
  bare.reset();
  return [kind, String(status ?? 'cut')];
}

async function decide({ subject, port }: Stage, count: number) {
  await subject.ask('judge/reset', 'POST');
  const answers = await many(count, atOnce, (i) => one(port, i));
  const asked = counted(answers.map(([kind]) => kind));
  let judged: Judged = {};
  const isJudged = async () => {
    judged = await subject.ask<Judged>('judge');
    const done = ({ asked = 0, succeeded = 0, failed = 0 }: Partial<Judged[string]> = {}, perQuestion = 1) =>
      succeeded + failed >= asked * perQuestion;
    return names.every((kind) => kind === 'never' || done(judged[kind], kind === 'twice' ? 2 : 1));
  };
  await eventually(isJudged, 'the answers of ix-reply', 20_000);
  return { asked, statuses: counted(answers.map(([kind, status]) => `${kind} ${status}`)), judged };
}

const sum = (judged: Judged, what: 'asked' | 'succeeded' | 'failed') => names.reduce((all, kind) => all + (judged[kind]?.[what] ?? 0), 0);

fault(
  'upgrades that the flow decides, in random order',
  {
    more: () =>
      [
        { id: 'authorize', type: 'ix-server-authorize', server: 'server', askTimeoutSecs: 3, wires: [['judge']] },
        { id: 'judge', type: 'faults-judge', wires: [['reply']] },
        { id: 'reply', type: 'ix-reply', wires: [['judge']] },
      ].map((item) => ({ z: 'tab', x: 1, y: 1, ...item })),
    count: 10_000,
    rehearsal: 500,
    run: decide,
    figure: ({ result: { statuses, judged }, seconds }) =>
      `10,000 upgrades, ${atOnce} at once (${Math.round(10_000 / seconds)}/s): ${inWords(statuses)}; ` +
      `ix-reply: ${sum(judged, 'succeeded').toLocaleString('en')} in force, ${sum(judged, 'failed').toLocaleString('en')} too late`,
  },
  (outcome) => {
    it('each peer gets the answer of its own question', () => {
      const { asked, statuses } = outcome().result;
      assert.deepEqual(statuses, Object.fromEntries(names.map((kind) => [`${kind} ${kinds[kind].status}`, asked[kind]])));
    });

    it('ix-reply says for each answer whether it was in force', () => {
      const { asked, judged } = outcome().result;
      const { gone, ...others } = judged;
      assert.deepEqual(others, {
        accept: { asked: asked.accept, succeeded: asked.accept, failed: 0 },
        refuse: { asked: asked.refuse, succeeded: asked.refuse, failed: 0 },
        late: { asked: asked.late, succeeded: 0, failed: asked.late },
        never: { asked: asked.never, succeeded: 0, failed: 0 },
        twice: { asked: asked.twice, succeeded: asked.twice, failed: asked.twice },
      });
      assert.deepEqual({ succeeded: gone?.succeeded, failed: gone?.failed }, { succeeded: 0, failed: gone?.asked });
    });

    it('each accepted peer has an Open and a Close event, and nobody else', () => {
      const { result, tally } = outcome();
      const opened = Object.keys(tally.opened).filter((uri) => uri.startsWith('/ask/'));
      assert.deepEqual(
        opened.filter((uri) => !/^\/ask\/(accept|twice)\//.test(uri)),
        [],
      );
      assert.equal(opened.length, result.asked.accept + result.asked.twice);
      assert.equal(tally.closeCodes[1006], opened.length);
    });

    it('each refusal is reported', () => {
      const { result, tally } = outcome();
      assert.deepEqual(tally.statuses, { 403: result.asked.refuse, 503: result.asked.late + result.asked.never });
    });
  },
);
