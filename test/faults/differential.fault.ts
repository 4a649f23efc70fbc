/** The same bytes to a server of ours and to a plain server on `ws`: both must deliver the same messages and close with the same code. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { type AddressInfo, WebSocketServer } from 'ws';
import { FrameReader, frame, opcodes } from '../helpers/frames';
import { type ServerHarness, server } from '../helpers/sockets';
import { teardown } from '../helpers/teardown';
import { upgrade } from './attack';
import { fuzzSeconds, fuzzSeed } from './fuzz';
import { frameKinds, maxPayload } from './malformed-frames';
import { Random } from './random';

const maxFragments = 20;
const masked = { masked: true } as const;
/** Their outcome depends on what `ws` had buffered at the end of the connection. */
const undecided = ['an end inside a frame', 'random bytes'];
const wrongKinds = Object.entries(frameKinds).filter(([name]) => !undecided.includes(name));
const texts = ['', 'a', 'hello world', 'üöä', '€'.repeat(50), '😀'.repeat(30), 'x'.repeat(3000), 'z'.repeat(maxPayload - 1)];

/** Valid frames, and often a malformed one behind them. */
function bytesOf(random: Random): Buffer {
  const parts: Buffer[] = [];
  for (let count = random.int(1, 12); count > 0; count--) {
    const body = Buffer.from(random.pick(texts));
    const opcode = random.pick([opcodes.text, opcodes.binary]);
    if (random.chance(0.6)) parts.push(frame(opcode, body, masked));
    else if (random.chance(0.5)) parts.push(frame(random.pick([opcodes.ping, opcodes.pong]), body.subarray(0, 120), masked));
    else {
      const pieces = random.pieces(body, random.chance(0.1) ? maxFragments + 5 : 5);
      pieces.forEach((piece, i) => {
        parts.push(frame(i === 0 ? opcode : opcodes.continuation, piece, { ...masked, fin: i === pieces.length - 1 }));
        if (random.chance(0.2)) parts.push(frame(opcodes.ping, 'between', masked));
      });
    }
  }
  if (random.chance(0.5)) {
    const [, kind] = random.pick(wrongKinds);
    const { bytes, deflate } = kind(random);
    if (!deflate) parts.push(bytes);
  }
  return Buffer.concat(parts);
}

/** Writes the pieces and a close frame. @returns the close frame of the server, as its code. */
function talk(port: number, path: string, pieces: readonly Buffer[], isSlow: boolean): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const timer = setTimeout(() => socket.destroy(), 5000);
    const read: Buffer[] = [];
    socket.on('error', () => {});
    socket.on('data', (chunk) => read.push(chunk));
    socket.on('close', () => {
      clearTimeout(timer);
      const all = Buffer.concat(read);
      const frames = new FrameReader().read(all.subarray(all.indexOf('\r\n\r\n') + 4));
      const close = frames.find(({ opcode }) => opcode === opcodes.close);
      resolve(close ? String(close.payload.length >= 2 ? close.payload.readUInt16BE() : 'no code') : 'no close frame');
    });
    socket.on('connect', async () => {
      socket.write(upgrade({ target: path }));
      for (const piece of pieces) {
        if (!socket.destroyed) socket.write(piece);
        if (isSlow) await new Promise(setImmediate);
      }
      if (!socket.destroyed) socket.write(frame(opcodes.close, Buffer.from([0x03, 0xe8]), masked));
    });
  });
}

type Delivered = Map<string, string[]>;
const textOf = (data: string | Buffer) => (typeof data === 'string' ? `text ${data}` : `binary ${data.toString('hex')}`);

describe(`the same bytes to us and to plain ws (seed ${fuzzSeed}, ${fuzzSeconds} s)`, function () {
  this.timeout((fuzzSeconds + 60) * 1000);
  const ours: Delivered = new Map();
  const theirs: Delivered = new Map();
  const keep = (all: Delivered, path: string, data: string | Buffer) => {
    const known = all.get(path);
    if (known) known.push(textOf(data));
    else all.set(path, [textOf(data)]);
  };
  let harness: ServerHarness;
  let reference: WebSocketServer;

  before(async () => {
    harness = await server({ maxPayload, maxFragments, maxConnections: 1000, enablePerMessageDeflate: false }).open();
    harness.socket.events.on((event) => {
      if (event.type === 0) keep(ours, event.payload.uri ?? '', event.payload.str);
    });
    reference = new WebSocketServer({ port: 0, host: '127.0.0.1', maxPayload, maxFragments } as never);
    reference.on('connection', (ws, { url = '' }) => {
      ws.on('error', () => {});
      ws.on('message', (data: Buffer, isBinary) => keep(theirs, url, isBinary ? data : data.toString()));
    });
    await new Promise((resolve) => reference.once('listening', resolve));
  });
  after(async () => {
    reference.close();
    await teardown();
  });

  it('deliver the same messages, and are closed with the same code', async () => {
    const end = performance.now() + fuzzSeconds * 1000;
    const differences: object[] = [];
    let cases = 0;
    const worker = async () => {
      while (performance.now() < end && differences.length < 3) {
        const number = cases++;
        const random = new Random(number, fuzzSeed);
        const path = `/${number}`;
        const bytes = bytesOf(random);
        const pieces = random.pieces(bytes, random.chance(0.2) ? 60 : 6);
        const isSlow = random.chance(0.7);
        const [own, other] = await Promise.all([
          talk(harness.port, path, pieces, isSlow),
          talk((reference.address() as AddressInfo).port, path, pieces, isSlow),
        ]);
        const [mine, his] = [ours.get(path) ?? [], theirs.get(path) ?? []];
        ours.delete(path);
        theirs.delete(path);
        const isSame = own === other && mine.length === his.length && mine.every((text, i) => text === his[i]);
        if (!isSame) differences.push({ number, own, other, ours: mine.length, theirs: his.length, bytes: bytes.length });
      }
    };
    await Promise.all(Array.from({ length: 8 }, worker));
    console.log(`      ${cases.toLocaleString('en')} cases`);
    assert.deepEqual(differences, []);
    assert.ok(cases > 50, `${cases} cases`);
  });
});
