import assert from 'node:assert/strict';
import { closeBody, type FrameSpec, opcodes } from '../helpers/frames';
import type { RawPeer } from '../helpers/raw-peer';
import { agreed, type BadEnd, closes, endsBadly, heldByAFlow, roles, stillServes } from './peer-pair';

interface Violation extends BadEnd {
  readonly frames: readonly FrameSpec[];
  /** Restricts the case to connections with, or without, permessage-deflate. */
  readonly deflate?: boolean;
}

const namedOpcodes = Object.entries(opcodes);
const reservedBits = { 2: 'RSV2', 1: 'RSV3', 3: 'RSV2 and RSV3' } as const;
const start: FrameSpec = { opcode: opcodes.text, fin: false, payload: 'begun ' };
const sequence = (opcode: number): readonly FrameSpec[] => (opcode === opcodes.continuation ? [start] : []);
const control = { ping: opcodes.ping, pong: opcodes.pong, close: opcodes.close };
const bodies: Record<string, string | Buffer> = { close: closeBody(1000), ping: 'p', pong: 'p' };

const table: Record<string, Violation> = {
  ...Object.fromEntries(
    namedOpcodes.flatMap(([name, opcode]) => [
      ...Object.entries(reservedBits).map(([bits, names]) => [
        `${names} on a ${name} frame`,
        {
          frames: [...sequence(opcode), { opcode, rsv: Number(bits), payload: bodies[name] ?? 'x' }],
          code: 1002,
          reason: 'Reserved bit used',
        },
      ]),
      [
        `RSV1 on a ${name} frame, without permessage-deflate`,
        {
          frames: [...sequence(opcode), { opcode, rsv: 4, payload: bodies[name] ?? 'x' }],
          code: 1002,
          reason: 'Reserved bit used',
          deflate: false,
        },
      ],
    ]),
  ),
  ...Object.fromEntries(
    (['continuation', 'ping', 'pong', 'close'] as const).map((name) => [
      `RSV1 on a ${name} frame, with permessage-deflate`,
      {
        frames: [...sequence(opcodes[name]), { opcode: opcodes[name], rsv: 4, payload: bodies[name] ?? 'x' }],
        code: 1002,
        reason: 'Reserved bit used',
        deflate: true,
      },
    ]),
  ),
  ...Object.fromEntries(
    [3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map((opcode) => [
      `the reserved opcode ${opcode}`,
      { frames: [{ opcode, payload: 'x' }], code: 1002, reason: `Protocol error: unknown opcode ${opcode}` },
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(control).flatMap(([name, opcode]) => [
      [
        `a ${name} frame in fragments`,
        { frames: [{ opcode, fin: false, payload: bodies[name] }], code: 1002, reason: 'Control message fragmented' },
      ],
      [
        `a ${name} frame of 126 bytes`,
        { frames: [{ opcode, payload: Buffer.alloc(126, 'a') }], code: 1002, reason: 'Control frame with invalid payload length: 126' },
      ],
      [
        `a ${name} frame of 65536 bytes`,
        { frames: [{ opcode, payload: Buffer.alloc(65536, 'a') }], code: 1002, reason: 'Control frame with invalid payload length: 127' },
      ],
      [
        `a ${name} frame whose length stands in 16 bits without need`,
        { frames: [{ opcode, payload: bodies[name], form: 16 }], code: 1002, reason: 'Control frame with invalid payload length: 126' },
      ],
    ]),
  ),
  'a continuation of nothing': {
    frames: [{ opcode: opcodes.continuation, payload: 'x' }],
    code: 1002,
    reason: 'Fragmentation: continuation opcode out of sequence',
  },
  'a continuation of nothing that is not the last': {
    frames: [{ opcode: opcodes.continuation, fin: false, payload: 'x' }],
    code: 1002,
    reason: 'Fragmentation: continuation opcode out of sequence',
  },
  'a text frame within a message': {
    frames: [start, { opcode: opcodes.text, payload: 'x' }],
    code: 1002,
    reason: 'Fragmentation: data message out of sequence',
  },
  'a binary frame within a message': {
    frames: [start, { opcode: opcodes.binary, fin: false, payload: 'x' }],
    code: 1002,
    reason: 'Fragmentation: data message out of sequence',
  },
  'a text frame after an empty first fragment': {
    frames: [
      { opcode: opcodes.text, fin: false },
      { opcode: opcodes.text, payload: 'x' },
    ],
    code: 1002,
    reason: 'Fragmentation: data message out of sequence',
  },
  'a message in 16,385 fragments': {
    frames: Array.from({ length: 16_385 }, (_, at) => ({
      opcode: at === 0 ? opcodes.binary : opcodes.continuation,
      fin: false,
      payload: 'x',
    })),
    code: 1008,
    reason: 'Message in too many fragments: more than maxFragments',
  },
  ...Object.fromEntries(
    [2n ** 53n, 2n ** 62n, 2n ** 63n, 2n ** 64n - 1n].map((claims) => [
      `a frame that claims to have ${claims} bytes`,
      { frames: [{ opcode: opcodes.binary, claims, form: 64 }], code: 1009, reason: 'Message too big: its length has more than 53 bits' },
    ]),
  ),
};

describe('violations (RFC 6455, sections 5 and 7)', () => {
  heldByAFlow();

  for (const role of roles) {
    const wrongMask = role.name === 'server' ? 'Frame from a client is not masked' : 'Frame from a server is masked';
    const own: Record<string, Violation> = Object.fromEntries(
      ['text', 'binary', 'ping', 'pong', 'close'].map((name) => [
        `${role.name === 'server' ? 'an unmasked' : 'a masked'} ${name} frame`,
        {
          frames: [{ opcode: opcodes[name as keyof typeof opcodes], masked: role.name === 'client', payload: bodies[name] ?? 'x' }],
          code: 1002,
          reason: wrongMask,
        },
      ]),
    );
    own[`${role.name === 'server' ? 'an unmasked' : 'a masked'} empty frame`] = {
      frames: [{ opcode: opcodes.text, masked: role.name === 'client' }],
      code: 1002,
      reason: wrongMask,
    };

    for (const isCompressed of [false, true]) {
      describe(`a ${role.name}${isCompressed ? ' that agreed on permessage-deflate' : ''} refuses`, () => {
        for (const [what, { frames, deflate, ...end }] of Object.entries({ ...table, ...own })) {
          if (deflate !== undefined && deflate !== isCompressed) continue;
          it(`${what}, with ${end.code}; what came before is received, what comes after is not, and the next is served`, async () => {
            const pair = await role.meet(isCompressed ? agreed(role) : {});
            pair.peer.send({ opcode: opcodes.text, payload: 'before' }, ...frames, { opcode: opcodes.text, payload: 'after' });
            assert.equal((await pair.event('Message')).str, 'before');
            await endsBadly(pair, end);
            await stillServes(role);
          });
        }
      });
    }

    describe(`a ${role.name} with maxPayload 1000`, () => {
      const limited = { options: { maxPayload: 1000 } };
      const tooBig: BadEnd = { code: 1009, reason: 'Message too big: larger than maxPayload' };

      for (const [how, frames] of Object.entries({
        'one frame': [{ opcode: opcodes.binary, payload: Buffer.alloc(1000) }],
        fragments: [
          { opcode: opcodes.binary, fin: false, payload: Buffer.alloc(999) },
          { opcode: opcodes.continuation, payload: Buffer.alloc(1) },
        ],
      })) {
        it(`takes a message of 1000 bytes in ${how}`, async () => {
          const pair = await role.meet(limited);
          pair.peer.send(...frames);
          assert.equal((await pair.event('Message')).wireSize, 1000);
          await closes(pair);
        });
      }

      const tooMuch: Record<string, (peer: RawPeer) => void> = {
        'a message of 1001 bytes': (peer) => peer.send({ opcode: opcodes.text, payload: 'a'.repeat(1001) }),
        'a message of 1001 bytes as soon as its header is there': (peer) => {
          peer.write(peer.bytes({ opcode: opcodes.text, claims: 1001n }).subarray(0, 8));
        },
        'fragments that come to 1001 bytes': (peer) =>
          peer.send(
            { opcode: opcodes.text, fin: false, payload: 'a'.repeat(600) },
            { opcode: opcodes.continuation, payload: 'a'.repeat(401) },
          ),
        'a message of 2^53 - 1 bytes': (peer) => peer.send({ opcode: opcodes.text, claims: 2n ** 53n - 1n }),
      };
      for (const [what, send] of Object.entries(tooMuch)) {
        it(`refuses ${what}, with 1009`, async () => {
          const pair = await role.meet(limited);
          send(pair.peer);
          await endsBadly(pair, tooBig);
          await stillServes(role);
        });
      }
    });

    it(`a ${role.name} with maxPayload 0 takes 6 MB`, async () => {
      const pair = await role.meet({ options: { maxPayload: 0 } });
      const bytes = Buffer.alloc(6_000_000, 7);
      pair.peer.send({ opcode: opcodes.binary, payload: bytes, key: Buffer.alloc(4) });
      const { str, wireSize } = await pair.event('Message');
      assert.equal(wireSize, 6_000_000);
      assert.ok(bytes.equals(str));
      await closes(pair);
    });

    it(`a ${role.name} whose peer does not end TCP after a violation cuts it off, and says how it ended`, async () => {
      const pair = await role.meet();
      pair.peer.send({ opcode: 3 });
      assert.equal((await pair.peer.closeFrame()).code, 1002);
      await pair.event('Error');
      const { code, reason } = await pair.event('Close');
      assert.deepEqual({ code, reason }, { code: 1002, reason: 'Protocol error: unknown opcode 3' });
      await stillServes(role);
    });
  }
});
