import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { closeBody, type FrameSpec, opcodes } from '../helpers/frames';
import { agreed, closes, heldByAFlow, type PeerPair, roles } from './peer-pair';

/** With permessage-deflate a message may still come uncompressed (RFC 7692, section 6), and its size is then counted from the frames. */
const variants = roles.flatMap((role) => [
  { of: `a ${role.name}`, meet: () => role.meet() },
  { of: `a ${role.name} that agreed on permessage-deflate`, meet: () => role.meet(agreed(role)) },
]);

const greeting = 'Grüße, 世界 🎉';
const oneByOne = (bytes: Buffer, opcode: number): FrameSpec[] =>
  [...bytes].map((byte, at) => ({
    opcode: at === 0 ? opcode : opcodes.continuation,
    fin: at === bytes.length - 1,
    payload: Buffer.from([byte]),
  }));

/** Asserts that the next event is this message, uncompressed. */
async function hears({ event }: PeerPair, message: string | Buffer): Promise<void> {
  const { str, binary, wireSize } = await event('Message');
  assert.deepEqual({ binary, wireSize }, { binary: typeof message !== 'string', wireSize: Buffer.byteLength(message) });
  assert.ok(
    Buffer.from(message as string).equals(Buffer.from(str)),
    `${message.length} characters or bytes were expected; got ${str.length} that differ`,
  );
}

describe('framing (RFC 6455, section 5)', () => {
  heldByAFlow();

  for (const { of, meet } of variants) {
    describe(of, () => {
      const lengths: readonly { readonly length: number; readonly form?: 16 | 64 }[] = [
        ...[0, 1, 125, 126, 127, 65535, 65536].map((length) => ({ length })),
        { length: 0, form: 16 },
        { length: 0, form: 64 },
        { length: 125, form: 16 },
        { length: 125, form: 64 },
        { length: 65535, form: 64 },
      ];
      for (const { length, form } of lengths) {
        it(`reads a text and a binary message of ${length} bytes${form ? ` whose length stands in ${form} bits` : ''}`, async () => {
          const pair = await meet();
          const text = 'a'.repeat(length);
          const bytes = randomBytes(length);
          pair.peer.send(
            { opcode: opcodes.text, payload: text, ...(form && { form }) },
            { opcode: opcodes.binary, payload: bytes, ...(form && { form }) },
          );
          await hears(pair, text);
          await hears(pair, bytes);
          await closes(pair);
        });
      }

      for (const key of ['00000000', 'ffffffff', '00ff00ff', '37fa213d']) {
        it(`unmasks with the key ${key}, or needs none`, async () => {
          const pair = await meet();
          for (const length of [0, 1, 2, 3, 4, 5, 200]) {
            pair.peer.send({ opcode: opcodes.binary, payload: Buffer.alloc(length, 0xa5), key: Buffer.from(key, 'hex') });
            await hears(pair, Buffer.alloc(length, 0xa5));
          }
          await closes(pair);
        });
      }

      const { text, continuation } = opcodes;
      const fragmented: Record<string, FrameSpec[]> = {
        'two fragments': [
          { opcode: text, fin: false, payload: 'Hel' },
          { opcode: continuation, payload: 'lo' },
        ],
        'an empty first fragment': [
          { opcode: text, fin: false },
          { opcode: continuation, payload: 'Hello' },
        ],
        'an empty fragment in the middle': [
          { opcode: text, fin: false, payload: 'Hel' },
          { opcode: continuation, fin: false },
          { opcode: continuation, payload: 'lo' },
        ],
        'an empty last fragment': [{ opcode: text, fin: false, payload: 'Hello' }, { opcode: continuation }],
        'fragments of one byte': oneByOne(Buffer.from('Hello'), text),
        'a ping between its fragments': [
          { opcode: text, fin: false, payload: 'Hel' },
          { opcode: opcodes.ping, payload: 'between' },
          { opcode: continuation, payload: 'lo' },
        ],
        'an unsolicited pong between its fragments': [
          { opcode: text, fin: false, payload: 'Hel' },
          { opcode: opcodes.pong, payload: 'between' },
          { opcode: continuation, payload: 'lo' },
        ],
      };
      for (const [how, frames] of Object.entries(fragmented)) {
        it(`joins a message that has ${how}, and reads the next one`, async () => {
          const pair = await meet();
          pair.peer.send(...frames, { opcode: opcodes.binary, payload: Buffer.from([1, 2, 3]) });
          if (how.startsWith('a ping')) assert.equal((await pair.peer.frame('a pong')).payload.toString(), 'between');
          await hears(pair, 'Hello');
          await hears(pair, Buffer.from([1, 2, 3]));
          await closes(pair);
        });
      }

      it('joins fragments that are all empty to an empty message', async () => {
        const pair = await meet();
        pair.peer.send({ opcode: text, fin: false }, { opcode: continuation, fin: false }, { opcode: continuation });
        await hears(pair, '');
        await closes(pair);
      });

      it('joins 10,000 fragments of one byte', async () => {
        const pair = await meet();
        const bytes = randomBytes(10_000);
        pair.peer.send(...oneByOne(bytes, opcodes.binary));
        await hears(pair, bytes);
        await closes(pair);
      });

      it('reads characters that fragments cut apart', async () => {
        const pair = await meet();
        pair.peer.send(...oneByOne(Buffer.from(greeting), text));
        await hears(pair, greeting);
        await closes(pair);
      });

      const mixed: FrameSpec[] = [
        { opcode: text, payload: greeting },
        { opcode: opcodes.ping, payload: 'p' },
        { opcode: text, fin: false, payload: 'one ' },
        { opcode: opcodes.pong },
        { opcode: continuation, payload: 'two' },
        { opcode: opcodes.binary, payload: Buffer.alloc(130, 7) },
        { opcode: opcodes.binary },
      ];
      const hearsMixed = async (pair: PeerPair) => {
        await hears(pair, greeting);
        await hears(pair, 'one two');
        await hears(pair, Buffer.alloc(130, 7));
        await hears(pair, Buffer.alloc(0));
        const { opcode, payload } = await pair.peer.frame('a pong');
        assert.deepEqual({ opcode, payload: payload.toString() }, { opcode: opcodes.pong, payload: 'p' });
      };

      it('reads frames that TCP cuts in two, wherever it cuts', async () => {
        const pair = await meet();
        const { length } = pair.peer.bytes(...mixed);
        for (let cut = 1; cut < length; cut++) {
          await pair.peer.pieces(pair.peer.bytes(...mixed), [cut]);
          await hearsMixed(pair);
        }
        await closes(pair);
      });

      it('reads frames that come one byte at a time', async () => {
        const pair = await meet();
        const bytes = pair.peer.bytes(...mixed);
        await pair.peer.pieces(bytes, [...bytes.keys()].slice(1));
        await hearsMixed(pair);
        await closes(pair);
      });

      it('reads 2,000 messages that come in one piece, in order', async () => {
        const pair = await meet();
        const numbers = Array.from({ length: 2000 }, (_, at) => String(at));
        pair.peer.send(...numbers.map((payload) => ({ opcode: text, payload })));
        for (const number of numbers) await hears(pair, number);
        assert.ok(pair.isDrained());
        await closes(pair);
      });

      for (const length of [0, 1, 124, 125]) {
        it(`answers a ping of ${length} bytes with a pong of the same bytes`, async () => {
          const { peer, event, masks } = await meet();
          const bytes = randomBytes(length);
          peer.send({ opcode: opcodes.ping, payload: bytes });
          const { payload, mask: _, ...frame } = await peer.frame('a pong');
          assert.deepEqual(frame, { opcode: opcodes.pong, fin: true, rsv: 0, masked: masks, form: 7 });
          assert.ok(payload.equals(bytes));
          await closes({ peer, event });
        });
      }

      it('lives through 500 pings that come in one piece, and answers the last of them', async () => {
        const { peer, event } = await meet();
        const pings = Array.from({ length: 500 }, (_, at) => `ping ${at}`);
        peer.send(...pings.map((payload) => ({ opcode: opcodes.ping, payload })), { opcode: text, payload: 'still here' });
        assert.equal((await event('Message')).str, 'still here');
        // If several pings arrive, only the newest needs an answer (RFC 6455, section 5.5.3).
        await peer.frameWith(opcodes.pong, 'ping 499');
        await closes({ peer, event });
      });

      it('ignores a pong that it did not ask for', async () => {
        const pair = await meet();
        pair.peer.send({ opcode: opcodes.pong, payload: 'unasked' }, { opcode: opcodes.pong }, { opcode: text, payload: 'after it' });
        await hears(pair, 'after it');
        assert.ok(pair.isDrained());
        await closes(pair);
      });

      it('ends at a close frame between fragments, and gives out no half message', async () => {
        const pair = await meet();
        pair.peer.send({ opcode: text, fin: false, payload: 'never' });
        await closes(pair);
        assert.ok(pair.isDrained());
      });

      it('gives out a message that the end of the TCP connection follows at once', async () => {
        const pair = await meet();
        pair.peer.socket.end(pair.peer.bytes({ opcode: text, payload: 'the last words' }));
        await hears(pair, 'the last words');
        assert.equal((await pair.event('Close')).code, 1006);
      });

      it('gives out a message that a close frame follows at once', async () => {
        const pair = await meet();
        pair.peer.send({ opcode: text, payload: 'the last words' }, { opcode: opcodes.close, payload: closeBody(1001) });
        await hears(pair, 'the last words');
        await pair.peer.end();
        assert.equal((await pair.event('Close')).code, 1001);
      });
    });
  }

  for (const role of roles) {
    it(`a ${role.name} with enablePong false answers no ping, and continues`, async () => {
      const { peer, event } = await role.meet({ options: { enablePong: false } });
      peer.send({ opcode: opcodes.ping, payload: 'anyone?' }, { opcode: opcodes.text, payload: 'never mind' });
      assert.equal((await event('Message')).str, 'never mind');
      await closes({ peer, event });
      assert.ok(peer.frames.isEmpty);
    });

    describe(`what a ${role.name} writes`, () => {
      for (const length of [0, 1, 125, 126, 127, 65535, 65536]) {
        it(`is one frame for ${length} bytes, with its length in as few bits as will do`, async () => {
          const { peer, event, send, masks } = await role.meet();
          const text = 'a'.repeat(length);
          const bytes = randomBytes(length);
          for (const [message, opcode] of [
            [text, opcodes.text],
            [bytes, opcodes.binary],
          ] as const) {
            assert.deepEqual(await send(message), { success: true, compressionError: false, payloadSize: length, wireSize: length });
            const { payload, mask: _, ...frame } = await peer.frame();
            assert.deepEqual(frame, { opcode, fin: true, rsv: 0, masked: masks, form: length < 126 ? 7 : length < 65536 ? 16 : 64 });
            assert.ok(payload.equals(Buffer.from(message as string)));
          }
          await closes({ peer, event });
        });
      }

      it('counts the bytes of a text, not its characters', async () => {
        const { peer, event, send } = await role.meet();
        const { payloadSize, wireSize } = await send(greeting);
        assert.deepEqual({ payloadSize, wireSize }, { payloadSize: Buffer.byteLength(greeting), wireSize: Buffer.byteLength(greeting) });
        assert.equal((await peer.frame()).payload.toString(), greeting);
        await closes({ peer, event });
      });

      it('leaves the bytes of the flow as they were', async () => {
        const { peer, event, send } = await role.meet();
        const bytes = Buffer.alloc(70_000, 'x');
        await send(bytes);
        await peer.frame();
        assert.ok(bytes.equals(Buffer.alloc(70_000, 'x')));
        await closes({ peer, event });
      });
    });
  }
});
