import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { closePayload, type FrameSpec, op } from '../helpers/raw-peer';
import { agreed, closes, heldByAFlow, type Meeting, roles } from './peer-pair';

/** With permessage-deflate a message may still come uncompressed (RFC 7692, section 6), and its size is then counted from the frames. */
const variants = roles.flatMap((role) => [
  { of: `a ${role.name}`, meet: () => role.meet() },
  { of: `a ${role.name} that agreed on permessage-deflate`, meet: () => role.meet(agreed(role)) },
]);

const greeting = 'Grüße, 世界 🎉';
const oneByOne = (bytes: Buffer, opcode: number): FrameSpec[] =>
  [...bytes].map((byte, at) => ({
    opcode: at === 0 ? opcode : op.continuation,
    fin: at === bytes.length - 1,
    payload: Buffer.from([byte]),
  }));

/** The next event is this message, uncompressed. */
async function hears({ event }: Meeting, message: string | Buffer): Promise<void> {
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
          const meeting = await meet();
          const text = 'a'.repeat(length);
          const bytes = randomBytes(length);
          meeting.peer.send(
            { opcode: op.text, payload: text, ...(form && { form }) },
            { opcode: op.binary, payload: bytes, ...(form && { form }) },
          );
          await hears(meeting, text);
          await hears(meeting, bytes);
          await closes(meeting);
        });
      }

      for (const key of ['00000000', 'ffffffff', '00ff00ff', '37fa213d']) {
        it(`unmasks with the key ${key}, or needs none`, async () => {
          const meeting = await meet();
          for (const length of [0, 1, 2, 3, 4, 5, 200]) {
            meeting.peer.send({ opcode: op.binary, payload: Buffer.alloc(length, 0xa5), key: Buffer.from(key, 'hex') });
            await hears(meeting, Buffer.alloc(length, 0xa5));
          }
          await closes(meeting);
        });
      }

      const { text, continuation } = op;
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
          { opcode: op.ping, payload: 'between' },
          { opcode: continuation, payload: 'lo' },
        ],
        'an unsolicited pong between its fragments': [
          { opcode: text, fin: false, payload: 'Hel' },
          { opcode: op.pong, payload: 'between' },
          { opcode: continuation, payload: 'lo' },
        ],
      };
      for (const [how, frames] of Object.entries(fragmented)) {
        it(`joins a message that has ${how}, and reads the next one`, async () => {
          const meeting = await meet();
          meeting.peer.send(...frames, { opcode: op.binary, payload: Buffer.from([1, 2, 3]) });
          if (how.startsWith('a ping')) assert.equal((await meeting.peer.frame('a pong')).payload.toString(), 'between');
          await hears(meeting, 'Hello');
          await hears(meeting, Buffer.from([1, 2, 3]));
          await closes(meeting);
        });
      }

      it('joins fragments that are all empty to an empty message', async () => {
        const meeting = await meet();
        meeting.peer.send({ opcode: text, fin: false }, { opcode: continuation, fin: false }, { opcode: continuation });
        await hears(meeting, '');
        await closes(meeting);
      });

      it('joins 10,000 fragments of one byte', async () => {
        const meeting = await meet();
        const bytes = randomBytes(10_000);
        meeting.peer.send(...oneByOne(bytes, op.binary));
        await hears(meeting, bytes);
        await closes(meeting);
      });

      it('reads characters that fragments cut apart', async () => {
        const meeting = await meet();
        meeting.peer.send(...oneByOne(Buffer.from(greeting), text));
        await hears(meeting, greeting);
        await closes(meeting);
      });

      const mixed: FrameSpec[] = [
        { opcode: text, payload: greeting },
        { opcode: op.ping, payload: 'p' },
        { opcode: text, fin: false, payload: 'one ' },
        { opcode: op.pong },
        { opcode: continuation, payload: 'two' },
        { opcode: op.binary, payload: Buffer.alloc(130, 7) },
        { opcode: op.binary },
      ];
      const hearsMixed = async (meeting: Meeting) => {
        await hears(meeting, greeting);
        await hears(meeting, 'one two');
        await hears(meeting, Buffer.alloc(130, 7));
        await hears(meeting, Buffer.alloc(0));
        const { opcode, payload } = await meeting.peer.frame('a pong');
        assert.deepEqual({ opcode, payload: payload.toString() }, { opcode: op.pong, payload: 'p' });
      };

      it('reads frames that TCP cuts in two, wherever it cuts', async () => {
        const meeting = await meet();
        const { length } = meeting.peer.bytes(...mixed);
        for (let cut = 1; cut < length; cut++) {
          await meeting.peer.pieces(meeting.peer.bytes(...mixed), [cut]);
          await hearsMixed(meeting);
        }
        await closes(meeting);
      });

      it('reads frames that come one byte at a time', async () => {
        const meeting = await meet();
        const bytes = meeting.peer.bytes(...mixed);
        await meeting.peer.pieces(bytes, [...bytes.keys()].slice(1));
        await hearsMixed(meeting);
        await closes(meeting);
      });

      it('reads 2,000 messages that come in one piece, in order', async () => {
        const meeting = await meet();
        const numbers = Array.from({ length: 2000 }, (_, at) => String(at));
        meeting.peer.send(...numbers.map((payload) => ({ opcode: text, payload })));
        for (const number of numbers) await hears(meeting, number);
        assert.ok(meeting.quiet());
        await closes(meeting);
      });

      for (const length of [0, 1, 124, 125]) {
        it(`answers a ping of ${length} bytes with a pong of the same bytes`, async () => {
          const { peer, event, masks } = await meet();
          const bytes = randomBytes(length);
          peer.send({ opcode: op.ping, payload: bytes });
          const { payload, mask: _, ...frame } = await peer.frame('a pong');
          assert.deepEqual(frame, { opcode: op.pong, fin: true, rsv: 0, masked: masks, form: 7 });
          assert.ok(payload.equals(bytes));
          await closes({ peer, event });
        });
      }

      it('lives through 500 pings that come in one piece, and answers the last of them', async () => {
        const { peer, event } = await meet();
        const pings = Array.from({ length: 500 }, (_, at) => `ping ${at}`);
        peer.send(...pings.map((payload) => ({ opcode: op.ping, payload })), { opcode: text, payload: 'still here' });
        assert.equal((await event('Message')).str, 'still here');
        // Only the newest needs an answer where several came (RFC 6455, section 5.5.3).
        await peer.frameWith(op.pong, 'ping 499');
        await closes({ peer, event });
      });

      it('ignores a pong that it did not ask for', async () => {
        const meeting = await meet();
        meeting.peer.send({ opcode: op.pong, payload: 'unasked' }, { opcode: op.pong }, { opcode: text, payload: 'after it' });
        await hears(meeting, 'after it');
        assert.ok(meeting.quiet());
        await closes(meeting);
      });

      it('ends at a close frame between fragments, and gives out no half message', async () => {
        const meeting = await meet();
        meeting.peer.send({ opcode: text, fin: false, payload: 'never' });
        await closes(meeting);
        assert.ok(meeting.quiet());
      });

      it('gives out a message that the end of the TCP connection follows at once', async () => {
        const meeting = await meet();
        meeting.peer.socket.end(meeting.peer.bytes({ opcode: text, payload: 'the last words' }));
        await hears(meeting, 'the last words');
        assert.equal((await meeting.event('Close')).code, 1006);
      });

      it('gives out a message that a close frame follows at once', async () => {
        const meeting = await meet();
        meeting.peer.send({ opcode: text, payload: 'the last words' }, { opcode: op.close, payload: closePayload(1001) });
        await hears(meeting, 'the last words');
        await meeting.peer.end();
        assert.equal((await meeting.event('Close')).code, 1001);
      });
    });
  }

  for (const role of roles) {
    it(`a ${role.name} with enablePong false answers no ping, and goes on`, async () => {
      const { peer, event } = await role.meet({ options: { enablePong: false } });
      peer.send({ opcode: op.ping, payload: 'anyone?' }, { opcode: op.text, payload: 'never mind' });
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
            [text, op.text],
            [bytes, op.binary],
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
