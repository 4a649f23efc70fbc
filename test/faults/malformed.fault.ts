import assert from 'node:assert/strict';
import { FrameReader, frame, opcodes } from '../helpers/frames';
import { within } from '../helpers/queue';
import { Bare, inWords, many, withHeaders } from './attack';
import { fault, type Outcome } from './fault';
import { frameKinds, maxPayload } from './malformed-frames';
import { requestKinds } from './malformed-requests';
import { Random, seed } from './random';

/** The number of cases for each of the two; FAULTS_CASES shortens a run. */
const cases = Number(process.env.FAULTS_CASES ?? 100_000) / 2;
const atOnce = 48;

interface Malformed {
  /** The first failed cases. */
  readonly wrong: string[];
  /** Cases that waited for a thread of zlib, and were closed while their close frame waited too. */
  readonly cut: string[];
  /** The count of each kind of end. */
  readonly ends: Record<string, number>;
  /** The same, without the cases with several allowed ends. */
  readonly sure: Record<string, number>;
}

const add = (counts: Record<string, number>, name: string | number) => {
  counts[name] = (counts[name] ?? 0) + 1;
};

interface Case {
  readonly kind: string;
  readonly ends: readonly (string | number)[];
  /** zlib uses its own threads. On a busy machine the close frame may wait for them longer than the 300 ms of the closing handshake. */
  readonly isCompressed?: boolean;
  /** Runs the case. @returns how it ended. */
  end(bare: Bare): Promise<string | number>;
}

/** Runs each case to its end, and collects those with an unexpected end. */
async function tryAll(port: number, count: number, caseOf: (random: Random) => Case): Promise<Malformed> {
  const malformed: Malformed = { wrong: [], cut: [], ends: {}, sure: {} };
  await many(count, atOnce, async (i) => {
    const { kind, ends, isCompressed, end } = caseOf(new Random(i));
    const bare = await Bare.open(port);
    const ended = await within(end(bare), 'an end').catch((error) => String(error.message));
    bare.reset();
    add(malformed.ends, ended);
    if (ends.length === 1) add(malformed.sure, ended);
    if (ends.includes(ended)) return;
    const list = isCompressed && ended === 1006 ? malformed.cut : malformed.wrong;
    if (list.length < 100) list.push(`case ${i} of seed ${seed}, ${kind}: ${ended}`);
  });
  return malformed;
}

/** Returns the bytes cut at random, or whole. */
const piecesOf = (bytes: Buffer, random: Random) => (random.chance(0.3) ? random.pieces(bytes, 4) : [bytes]);

async function write({ socket }: Bare, pieces: readonly Buffer[]): Promise<void> {
  for (const [i, piece] of pieces.entries()) {
    if (i > 0) await new Promise(setImmediate);
    socket.write(piece);
  }
}

const requestCase = (random: Random): Case => {
  const kind = random.pick(Object.keys(requestKinds));
  const { bytes, answers } = (requestKinds[kind] as (typeof requestKinds)[string])(random);
  const pieces = piecesOf(bytes, random);
  return {
    kind,
    // A peer that still writes when the response arrives may lose it, because a write to a closed connection resets it.
    ends: pieces.length > 1 ? [...answers, 'cut'] : answers,
    async end(bare) {
      await write(bare, pieces);
      // The server answers these only after more bytes or the end of the connection.
      if (answers.includes('cut')) bare.socket.end();
      return (await bare.status()) ?? 'cut';
    },
  };
};

/** Waits for a close frame or the end of the connection. */
async function closeCode(bare: Bare): Promise<number> {
  const reader = new FrameReader();
  return new Promise((resolve) => {
    const read = (chunk: Buffer) => {
      for (const { opcode, payload } of reader.read(chunk)) {
        if (opcode === opcodes.close) resolve(payload.length < 2 ? 1005 : payload.readUInt16BE(0));
      }
    };
    bare.socket.on('data', read);
    if (bare.read.length > 0) read(bare.read);
    void bare.over.then(() => resolve(1006));
  });
}

const deflating = withHeaders({ 'Sec-WebSocket-Extensions': 'permessage-deflate; client_no_context_takeover' });

const framesCase = (random: Random): Case => {
  const kind = random.pick(Object.keys(frameKinds));
  const { bytes, codes, deflate = random.chance(0.5) } = (frameKinds[kind] as (typeof frameKinds)[string])(random);
  // Valid frames in front do not change the result.
  const before = Array.from({ length: random.int(0, 2) }, () =>
    frame(random.pick([opcodes.text, opcodes.binary, opcodes.ping]), 'right', { masked: true }),
  );
  const pieces = piecesOf(Buffer.concat([...before, bytes]), random);
  return {
    kind,
    ends: pieces.length > 1 ? [...codes, 1006] : codes,
    isCompressed: deflate,
    async end(bare) {
      if (!(await bare.shakeHands(deflate ? { headers: deflating } : {}))) return 'a right upgrade was refused';
      const closed = closeCode(bare);
      await write(bare, pieces);
      if (codes.includes(1006)) bare.socket.end();
      return closed;
    },
  };
};

const figure =
  (what: string, kinds: object) =>
  ({ result }: Outcome<Malformed>) =>
    `${cases.toLocaleString('en')} ${what}, ${Object.keys(kinds).length} kinds; ended with ${inWords(result.ends)}`;

/** The events must match the observed ends. If a case has several allowed ends, the two sides may see different ones. */
function agrees(told = 0, { ends, sure }: Malformed, end: number): void {
  const least = sure[end] ?? 0;
  const most = (ends[end] ?? 0) + sum(ends) - sum(sure);
  assert.ok(least > 0 && told >= least && told <= most, `${end}: ${told} were told, ${least} to ${most} seen`);
}

const sum = (counts: Record<string, number>) => Object.values(counts).reduce((total, count) => total + count, 0);

fault(
  'malformed upgrade requests',
  { count: cases, rehearsal: 2000, run: ({ port }, count) => tryAll(port, count, requestCase), figure: figure('requests', requestKinds) },
  (outcome) => {
    it('each is answered with the status that it must be', () => {
      assert.deepEqual(outcome().result.wrong, []);
    });

    it('each that was answered 4xx is reported as an Error event with that status', () => {
      const { result, tally } = outcome();
      for (const status of [400, 405, 431]) agrees(tally.statuses[status], result, status);
    });
  },
);

fault(
  'malformed frames',
  {
    server: { maxPayload },
    count: cases,
    rehearsal: 2000,
    run: ({ port }, count) => tryAll(port, count, framesCase),
    figure: figure('connections', frameKinds),
  },
  (outcome) => {
    it('each is closed with the code that it must be', () => {
      const { wrong, cut } = outcome().result;
      assert.deepEqual(wrong, []);
      assert.ok(cut.length <= cases / 1000, cut.join('\n'));
    });

    it('each has an Open and a Close event, and the Close says the same code', () => {
      const { result, tally } = outcome();
      assert.equal(tally.opened['/'], cases);
      assert.equal(sum(tally.closeCodes), cases);
      for (const code of [1002, 1007, 1009]) agrees(tally.closeCodes[code], result, code);
    });
  },
);
