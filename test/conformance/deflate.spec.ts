import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { type FrameSpec, opcodes } from '../helpers/frames';
import { answerHeaders, turn, withHeaders } from '../helpers/raw-peer';
import { Deflater, Inflater, repetitive, type Window } from './deflater';
import {
  agreed,
  answerWith,
  call,
  client,
  closes,
  endsBadly,
  heldByAFlow,
  type PeerPair,
  type Role,
  roles,
  server,
  stillServes,
} from './peer-pair';

const offers = (pair: PeerPair) => pair.head.headers['sec-websocket-extensions'];
const texts = [repetitive(50_000), repetitive(50_000), repetitive(40_000, 2), '', 'short', repetitive(50_000)];

/** Sends these texts in both directions, the peer within its window, and checks contents and sizes. */
async function converse({ peer, event, send }: PeerPair, ours: Window, theirs: Window): Promise<void> {
  const deflater = new Deflater(theirs);
  const inflater = new Inflater(ours);
  for (const text of texts) {
    const payload = await deflater.message(text);
    peer.send({ opcode: opcodes.text, rsv: 4, payload });
    const { str, wireSize } = await event('Message');
    assert.equal(wireSize, payload.length);
    assert.ok(str === text, `${text.length} characters were sent; others came`);
    const status = await send(text);
    const frame = await peer.frame();
    assert.deepEqual(status, { success: true, compressionError: false, payloadSize: text.length, wireSize: frame.payload.length });
    assert.deepEqual([frame.fin, frame.opcode], [true, opcodes.text]);
    const read = frame.rsv === 4 ? await inflater.message(frame.payload) : frame.payload;
    assert.ok(read.toString() === text, `${text.length} characters were sent; others came`);
  }
  await closes({ peer, event });
}

describe('permessage-deflate (RFC 7692)', () => {
  heldByAFlow();

  describe('a server', () => {
    const answers: readonly { offer: string; options?: object; answer: string | undefined; ours?: Window; theirs?: Window }[] = [
      { offer: 'permessage-deflate', answer: 'permessage-deflate' },
      { offer: 'permessage-deflate; client_max_window_bits', answer: 'permessage-deflate' },
      {
        offer: 'permessage-deflate; server_max_window_bits=15; client_max_window_bits=15',
        answer: 'permessage-deflate; server_max_window_bits=15; client_max_window_bits=15',
      },
      {
        offer: 'permessage-deflate; server_max_window_bits="10"',
        answer: 'permessage-deflate; server_max_window_bits=10',
        ours: { bits: 10 },
      },
      {
        offer: 'permessage-deflate; server_no_context_takeover',
        answer: 'permessage-deflate; server_no_context_takeover',
        ours: { takeover: false },
      },
      {
        offer: 'permessage-deflate; client_no_context_takeover',
        answer: 'permessage-deflate; client_no_context_takeover',
        theirs: { takeover: false },
      },
      {
        offer: 'permessage-deflate; client_no_context_takeover; server_no_context_takeover',
        answer: 'permessage-deflate; client_no_context_takeover; server_no_context_takeover',
        ours: { takeover: false },
        theirs: { takeover: false },
      },
      {
        offer: 'permessage-deflate',
        options: { serverNoContextTakeover: true },
        answer: 'permessage-deflate; server_no_context_takeover',
        ours: { takeover: false },
      },
      {
        offer: 'permessage-deflate',
        options: { clientNoContextTakeover: true },
        answer: 'permessage-deflate; client_no_context_takeover',
        theirs: { takeover: false },
      },
      { offer: 'x-webkit-deflate-frame, permessage-deflate', answer: 'permessage-deflate' },
      { offer: 'permessage-bzip2; level=9', answer: undefined },
      // An unacceptable offer must be declined, and the next offer counts (section 5.1).
      {
        offer: 'permessage-deflate; server_max_window_bits=10, permessage-deflate',
        options: { serverMaxWindowBits: 12 },
        answer: 'permessage-deflate; server_max_window_bits=12',
        ours: { bits: 12 },
      },
      { offer: 'permessage-deflate; server_max_window_bits=10', options: { serverMaxWindowBits: 12 }, answer: undefined },
      { offer: 'permessage-deflate', options: { clientMaxWindowBits: 12 }, answer: undefined },
      { offer: 'permessage-deflate; client_max_window_bits=10', options: { clientMaxWindowBits: 12 }, answer: undefined },
      { offer: 'permessage-deflate; unknown', answer: undefined },
      { offer: 'permessage-deflate; unknown=1, permessage-deflate', answer: 'permessage-deflate' },
      { offer: 'permessage-deflate; client_max_window_bits; client_max_window_bits', answer: undefined },
      {
        offer: 'permessage-deflate; server_no_context_takeover; server_no_context_takeover, permessage-deflate',
        answer: 'permessage-deflate',
      },
      ...['7', '16', '0', '-1', 'x', '10.5', '1e1x'].map((bits) => ({
        offer: `permessage-deflate; server_max_window_bits=${bits}`,
        answer: undefined,
      })),
      ...['7', '16', 'x'].map((bits) => ({
        offer: `permessage-deflate; client_max_window_bits=${bits}, permessage-deflate`,
        answer: 'permessage-deflate',
      })),
      { offer: 'permessage-deflate; server_max_window_bits', answer: undefined },
      { offer: 'permessage-deflate; server_no_context_takeover=1', answer: undefined },
      { offer: 'permessage-deflate; client_no_context_takeover=true', answer: undefined },
    ];
    for (const { offer, options = {}, answer, ours = {}, theirs = {} } of answers) {
      const own = Object.keys(options).length > 0 ? ` with ${JSON.stringify(options)}` : '';
      it(`${own ? `${own.trim()} ` : ''}answers ${offer} with ${answer ?? 'no extension'}`, async () => {
        const pair = await server.meet({
          options: { enablePerMessageDeflate: true, perMessageDeflateOptions: options },
          headers: { 'Sec-WebSocket-Extensions': offer },
        });
        assert.equal(offers(pair), answer);
        assert.equal(pair.open.headers['Sec-WebSocket-Extensions'], offer);
        if (answer) return converse(pair, ours, theirs);
        assert.deepEqual(await pair.send('x'.repeat(200)), { success: true, compressionError: false, payloadSize: 200, wireSize: 200 });
        assert.equal((await pair.peer.frame()).rsv, 0);
        await closes(pair);
      });
    }

    it('with enablePerMessageDeflate false answers no extension', async () => {
      const pair = await server.meet({ headers: { 'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits' } });
      assert.equal(offers(pair), undefined);
      await closes(pair);
    });

    for (let bits = 8; bits <= 15; bits++) {
      it(`keeps to a window of ${bits} bits each way that the client asks for`, async () => {
        const pair = await server.meet({
          options: { enablePerMessageDeflate: true },
          headers: { 'Sec-WebSocket-Extensions': `permessage-deflate; server_max_window_bits=${bits}; client_max_window_bits=${bits}` },
        });
        assert.equal(offers(pair), `permessage-deflate; server_max_window_bits=${bits}; client_max_window_bits=${bits}`);
        await converse(pair, { bits }, { bits });
      });

      it(`asks for the window of ${bits} bits each way that perMessageDeflateOptions say`, async () => {
        const pair = await server.meet({
          options: { enablePerMessageDeflate: true, perMessageDeflateOptions: { serverMaxWindowBits: bits, clientMaxWindowBits: bits } },
          headers: { 'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits' },
        });
        assert.deepEqual(
          new Set(offers(pair)?.split('; ')),
          new Set(['permessage-deflate', `server_max_window_bits=${bits}`, `client_max_window_bits=${bits}`]),
        );
        await converse(pair, { bits }, { bits });
      });
    }
  });

  describe('a client', () => {
    const offered: readonly { options: object; offer: string }[] = [
      { options: {}, offer: 'permessage-deflate; client_max_window_bits' },
      { options: { serverNoContextTakeover: true }, offer: 'permessage-deflate; server_no_context_takeover; client_max_window_bits' },
      { options: { clientNoContextTakeover: true }, offer: 'permessage-deflate; client_no_context_takeover; client_max_window_bits' },
    ];
    for (const { options, offer } of offered) {
      it(`with ${JSON.stringify(options)} offers ${offer}`, async () => {
        const pair = await client.meet({ options: { enablePerMessageDeflate: true, perMessageDeflateOptions: options } });
        assert.equal(offers(pair), offer);
        await closes(pair);
      });
    }

    it('with enablePerMessageDeflate false offers nothing', async () => {
      const pair = await client.meet();
      assert.equal(offers(pair), undefined);
      await closes(pair);
    });

    it('does without compression where the server does not answer the offer', async () => {
      const pair = await client.meet({ options: { enablePerMessageDeflate: true } });
      assert.deepEqual(await pair.send('x'.repeat(200)), { success: true, compressionError: false, payloadSize: 200, wireSize: 200 });
      assert.equal((await pair.peer.frame()).rsv, 0);
      await closes(pair);
    });

    for (let bits = 8; bits <= 15; bits++) {
      it(`offers the window of ${bits} bits each way that perMessageDeflateOptions say, and keeps to it`, async () => {
        const pair = await client.meet({
          options: { enablePerMessageDeflate: true, perMessageDeflateOptions: { serverMaxWindowBits: bits, clientMaxWindowBits: bits } },
          headers: { 'Sec-WebSocket-Extensions': `permessage-deflate; server_max_window_bits=${bits}; client_max_window_bits=${bits}` },
        });
        assert.equal(offers(pair), `permessage-deflate; server_max_window_bits=${bits}; client_max_window_bits=${bits}`);
        await converse(pair, { bits }, { bits });
      });

      it(`keeps to a window of ${bits} bits each way that the server asks for`, async () => {
        const pair = await client.meet({
          options: { enablePerMessageDeflate: true },
          headers: { 'Sec-WebSocket-Extensions': `permessage-deflate; server_max_window_bits=${bits}; client_max_window_bits=${bits}` },
        });
        await converse(pair, { bits }, { bits });
      });
    }

    const answered: readonly { answer: string; ours?: Window; theirs?: Window }[] = [
      { answer: 'permessage-deflate' },
      { answer: 'permessage-deflate; server_no_context_takeover', theirs: { takeover: false } },
      { answer: 'permessage-deflate; client_no_context_takeover', ours: { takeover: false } },
      {
        answer:
          'permessage-deflate; client_no_context_takeover; server_no_context_takeover; client_max_window_bits=9; server_max_window_bits=9',
        ours: { takeover: false, bits: 9 },
        theirs: { takeover: false, bits: 9 },
      },
    ];
    for (const { answer, ours = {}, theirs = {} } of answered) {
      it(`keeps to the answer ${answer}`, async () => {
        const pair = await client.meet({ options: { enablePerMessageDeflate: true }, headers: { 'Sec-WebSocket-Extensions': answer } });
        await converse(pair, ours, theirs);
      });
    }

    const wrong: readonly { answer: string; options?: object; enabled?: boolean; says?: RegExp }[] = [
      { answer: 'permessage-deflate', enabled: false },
      { answer: 'x-webkit-deflate-frame' },
      { answer: 'permessage-deflate, x-webkit-deflate-frame' },
      { answer: 'permessage-deflate; unknown' },
      { answer: 'permessage-deflate; client_max_window_bits' },
      { answer: 'permessage-deflate; client_max_window_bits=16' },
      { answer: 'permessage-deflate; server_max_window_bits=7' },
      { answer: 'permessage-deflate; server_max_window_bits' },
      { answer: 'permessage-deflate; server_no_context_takeover=1' },
      { answer: 'permessage-deflate; server_max_window_bits=9; server_max_window_bits=9' },
      {
        answer: 'permessage-deflate; client_max_window_bits=12',
        options: { clientMaxWindowBits: 10 },
        says: /does not fit perMessageDeflateOptions/,
      },
      { answer: 'permessage-deflate;' },
      { answer: ';' },
    ];
    for (const { answer, options = {}, enabled = true, says = /extension that was not offered or is invalid/ } of wrong) {
      it(`does not connect where ${enabled ? `${JSON.stringify(options)} is answered with` : 'nothing was offered and the answer is'} ${answer}`, async () => {
        const { peer, request, answer: started } = await call({ enablePerMessageDeflate: enabled, perMessageDeflateOptions: options });
        answerWith(peer, withHeaders(answerHeaders(request), { 'Sec-WebSocket-Extensions': answer }));
        const { success, http_status, errorStr } = (await started).payload;
        assert.deepEqual({ success, http_status }, { success: false, http_status: 101 });
        assert.match(errorStr, says);
        await peer.end();
        await stillServes(client);
      });
    }
  });

  for (const role of roles) {
    describe(`a ${role.name} that agreed on it reads`, () => {
      const compressed = (payload: Buffer | string, fin = true): FrameSpec => ({ opcode: opcodes.text, rsv: 4, fin, payload });
      const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
      const hello = hex('f2 48 cd c9 c9 07 00');

      const table: Record<string, { frames: FrameSpec[]; texts: [text: string, wireSize: number][] }> = {
        'the example of section 7.2.3.1, one block': { frames: [compressed(hello)], texts: [['Hello', 7]] },
        'the example of section 7.2.3.1, in two fragments': {
          frames: [compressed(hello.subarray(0, 3), false), { opcode: opcodes.continuation, payload: hello.subarray(3) }],
          texts: [['Hello', 7]],
        },
        'the example of section 7.2.3.2, sharing the window': {
          frames: [compressed(hello), compressed(hex('f2 00 11 00 00'))],
          texts: [
            ['Hello', 7],
            ['Hello', 5],
          ],
        },
        'the example of section 7.2.3.3, a block that is not compressed': {
          frames: [compressed(hex('00 05 00 fa ff 48 65 6c 6c 6f 00'))],
          texts: [['Hello', 11]],
        },
        'the example of section 7.2.3.4, a block with BFINAL, and a message after it': {
          frames: [compressed(hex('f3 48 cd c9 c9 07 00 00')), compressed(hello)],
          texts: [
            ['Hello', 8],
            ['Hello', 7],
          ],
        },
        'the example of section 7.2.3.5, two blocks': {
          frames: [compressed(hex('f2 48 05 00 00 00 ff ff ca c9 c9 07 00'))],
          texts: [['Hello', 13]],
        },
        'an empty message': { frames: [compressed(hex('00'))], texts: [['', 1]] },
        'an empty message of two bytes': { frames: [compressed(hex('02 00'))], texts: [['', 2]] },
        'an empty message of no bytes': { frames: [compressed('')], texts: [['', 0]] },
        'an empty first fragment': {
          frames: [compressed('', false), { opcode: opcodes.continuation, payload: hello }],
          texts: [['Hello', 7]],
        },
        'an empty last fragment': { frames: [compressed(hello, false), { opcode: opcodes.continuation }], texts: [['Hello', 7]] },
        'fragments of one byte, with a ping after each': {
          frames: [...hello].flatMap((byte, at) => [
            {
              opcode: at === 0 ? opcodes.text : opcodes.continuation,
              rsv: at === 0 ? 4 : 0,
              fin: at === hello.length - 1,
              payload: Buffer.from([byte]),
            },
            { opcode: opcodes.ping, payload: `${at}` },
          ]),
          texts: [['Hello', 7]],
        },
        'messages that are not compressed between such that are': {
          frames: [compressed(hello), { opcode: opcodes.text, payload: 'plain' }, compressed(hex('f2 00 11 00 00'))],
          texts: [
            ['Hello', 7],
            ['plain', 5],
            ['Hello', 5],
          ],
        },
      };
      for (const [what, { frames, texts: expected }] of Object.entries(table)) {
        it(what, async () => {
          const pair = await role.meet(agreed(role));
          pair.peer.send(...frames);
          for (const [text, size] of expected) {
            const { str, binary, wireSize } = await pair.event('Message');
            assert.deepEqual({ str, binary, wireSize }, { str: text, binary: false, wireSize: size });
          }
          const lastPing = frames.findLast(({ opcode }) => opcode === opcodes.ping);
          if (lastPing) await pair.peer.frameWith(opcodes.pong, String(lastPing.payload));
          await closes(pair);
        });
      }

      it('frames that TCP cuts in two, wherever it cuts', async () => {
        const pair = await role.meet(agreed(role));
        const random = randomBytes(150);
        const frames = [
          compressed(hello.subarray(0, 3), false),
          { opcode: opcodes.pong },
          { opcode: opcodes.continuation, payload: hello.subarray(3) },
        ];
        const second = { opcode: opcodes.binary, rsv: 4, payload: deflateRawSync(random, { level: 0, finishFlush: 2 }).subarray(0, -4) };
        for (let cut = 1; cut < pair.peer.bytes(...frames, second).length; cut++) {
          await pair.peer.pieces(pair.peer.bytes(...frames, second), [cut]);
          assert.deepEqual(pick(await pair.event('Message')), { str: 'Hello', wireSize: 7 });
          assert.deepEqual(pick(await pair.event('Message')), { str: random, wireSize: second.payload.length });
        }
        await closes(pair);
      });

      it('bytes that cannot be compressed, in both directions', async () => {
        const pair = await role.meet(agreed(role));
        const bytes = randomBytes(100_000);
        const payload = await new Deflater().message(bytes);
        pair.peer.send({ opcode: opcodes.binary, rsv: 4, payload });
        assert.deepEqual(pick(await pair.event('Message')), { str: bytes, wireSize: payload.length });
        const { payloadSize, wireSize } = await pair.send(bytes);
        const frame = await pair.peer.frame();
        assert.deepEqual({ payloadSize, wireSize }, { payloadSize: 100_000, wireSize: frame.payload.length });
        assert.ok((frame.rsv === 4 ? await new Inflater().message(frame.payload) : frame.payload).equals(bytes));
        await closes(pair);
      });

      for (const end of ['a close frame', 'the end of TCP', 'a reset of TCP after they were read'] as const) {
        it(`1,500 messages in one piece before ${end}, each with its size`, async () => {
          const pair = await role.meet(agreed(role));
          const deflater = new Deflater();
          const all: { text: string; payload: Buffer }[] = [];
          for (let i = 0; i < 1500; i++) {
            const text = `message ${i} ${'x'.repeat(i % 50)}`;
            all.push({ text, payload: await deflater.message(text) });
          }
          const bytes = pair.peer.bytes(...all.map(({ payload }) => ({ opcode: opcodes.text, rsv: 4, payload })));
          if (end === 'the end of TCP') pair.peer.socket.end(bytes);
          else pair.peer.write(bytes);
          if (end === 'a close frame') pair.peer.send({ opcode: opcodes.close });
          for (const { text, payload } of all) assert.deepEqual(pick(await pair.event('Message')), { str: text, wireSize: payload.length });
          if (end.startsWith('a reset')) pair.peer.socket.resetAndDestroy();
          if (end === 'a close frame') await pair.peer.end();
          assert.equal((await pair.event('Close')).code, end === 'a close frame' ? 1005 : 1006);
        });
      }
    });

    it(`a ${role.name} that agreed on it gives each message its own size where a reset of TCP cuts a burst short`, async () => {
      const deflater = new Deflater();
      const all: { bytes: Buffer; payload: Buffer }[] = [];
      for (let i = 0; i < 600; i++) {
        const bytes = Buffer.concat([randomBytes(i), Buffer.alloc(200)]);
        all.push({ bytes, payload: await deflater.message(bytes) });
      }
      for (const turns of [0, 1, 2, 4]) {
        const pair = await role.meet(agreed(role));
        pair.peer.send(...all.map(({ payload }) => ({ opcode: opcodes.binary, rsv: 4, payload })));
        for (let i = 0; i < turns; i++) await turn();
        pair.peer.socket.resetAndDestroy();
        for (const { bytes, payload } of all) {
          const { event, payload: heard } = await pair.any();
          if (event === 'Close') break;
          assert.ok(bytes.equals(heard.str));
          assert.equal(heard.wireSize, payload.length);
        }
      }
    });

    describe(`a ${role.name} that agreed on it`, () => {
      it('remembers the messages before, unless it may not: a repeated text becomes small, or stays as large as it was', async () => {
        const text = repetitive(2000, 7);
        for (const [parameter, repeated] of [
          ['', (first: number, second: number) => second < first / 10],
          [own(role), (first: number, second: number) => second === first],
        ] as const) {
          const pair = await role.meet(agreed(role, parameter));
          const first = await pair.send(text);
          const second = await pair.send(text);
          assert.ok(repeated(first.wireSize, second.wireSize), `${first.wireSize} and ${second.wireSize} bytes`);
          assert.deepEqual(
            [(await pair.peer.frame()).payload.length, (await pair.peer.frame()).payload.length],
            [first.wireSize, second.wireSize],
          );
          await closes(pair);
        }
      });

      it('keeps the order of messages that take long and short to compress, and puts no half frame between', async () => {
        const pair = await role.meet(agreed(role));
        const messages = [repetitive(400_000), 'short', randomBytes(200_000), '', Buffer.alloc(3), repetitive(90_000, 3)];
        const sent = messages.map((message) => pair.send(message));
        pair.peer.send({ opcode: opcodes.ping, payload: 'meanwhile' });
        const inflater = new Inflater();
        const frames = [];
        while (frames.length <= messages.length) frames.push(await pair.peer.frame());
        const pong = frames.findIndex(({ opcode }) => opcode === opcodes.pong);
        assert.equal(frames.splice(pong, 1)[0]?.payload.toString(), 'meanwhile');
        for (const [at, message] of messages.entries()) {
          const frame = frames[at] as (typeof frames)[number];
          const read = frame.rsv === 4 ? await inflater.message(frame.payload) : frame.payload;
          assert.ok(read.equals(Buffer.from(message as string)), `message ${at}`);
          assert.equal((await sent[at])?.wireSize, frame.payload.length);
        }
        await closes(pair);
      });

      const bad: Record<string, Buffer> = {
        'a block type that is none': Buffer.from('07', 'hex'),
        'a stored block with a wrong length': Buffer.from('000500000048656c6c6f00', 'hex'),
        'a code table that is none': Buffer.from('6dffff', 'hex'),
        'a repetition of what never was': Buffer.from('f2001100', 'hex'),
        'bytes at random': Buffer.from('ffffffffffff', 'hex'),
        'a text that was not compressed at all': Buffer.from('Hello, this was never compressed'),
      };
      for (const [what, payload] of Object.entries(bad)) {
        it(`refuses ${what}, with 1007 and decompressionError`, async () => {
          const pair = await role.meet(agreed(role));
          pair.peer.send(
            { opcode: opcodes.text, payload: 'before' },
            { opcode: opcodes.text, rsv: 4, payload },
            { opcode: opcodes.text, payload: 'after' },
          );
          assert.equal((await pair.event('Message')).str, 'before');
          await endsBadly(pair, { code: 1007, reason: 'Invalid frame payload data: cannot be decompressed', decompressionError: true });
          await stillServes(role);
        });
      }

      it('refuses a fragment that cannot be decompressed, with 1007 and decompressionError', async () => {
        const pair = await role.meet(agreed(role));
        pair.peer.send(
          { opcode: opcodes.binary, rsv: 4, fin: false, payload: Buffer.from('07', 'hex') },
          { opcode: opcodes.ping },
          { opcode: opcodes.continuation, payload: 'x' },
        );
        await endsBadly(pair, { code: 1007, reason: 'Invalid frame payload data: cannot be decompressed', decompressionError: true });
        await stillServes(role);
      });

      it('refuses a repetition from beyond the window that was agreed on', async () => {
        const pair = await role.meet(agreed(role, role.name === 'server' ? '=9' : '; server_max_window_bits=9'));
        const deflater = new Deflater();
        const text = randomBytes(1500).toString('hex');
        for (const message of ['remember this', text, 'remember this']) {
          pair.peer.send({ opcode: opcodes.text, rsv: 4, payload: await deflater.message(message) });
        }
        assert.equal((await pair.event('Message')).str, 'remember this');
        assert.equal((await pair.event('Message')).str, text);
        await endsBadly(pair, { code: 1007, reason: 'Invalid frame payload data: cannot be decompressed', decompressionError: true });
      });

      it('refuses a repetition from a message before, where there is no context takeover', async () => {
        const pair = await role.meet(
          agreed(role, role.name === 'server' ? '; client_no_context_takeover' : '; server_no_context_takeover'),
        );
        const deflater = new Deflater();
        pair.peer.send(
          { opcode: opcodes.text, rsv: 4, payload: await deflater.message('a text to remember') },
          { opcode: opcodes.text, rsv: 4, payload: await deflater.message('a text to remember') },
        );
        assert.equal((await pair.event('Message')).str, 'a text to remember');
        await endsBadly(pair, { code: 1007, reason: 'Invalid frame payload data: cannot be decompressed', decompressionError: true });
      });

      it('reads nothing behind what is wrong, when all that came while a message was being inflated', async () => {
        const { options, ...terms } = agreed(role);
        for (let tries = 0; tries < 3; tries++) {
          const pair = await role.meet({ ...terms, options: { ...options, maxPayload: 0 } });
          pair.peer.send({ opcode: opcodes.binary, rsv: 4, payload: await new Deflater().message(Buffer.alloc(5_000_000)) });
          for (const frame of [{ opcode: 3 }, { opcode: opcodes.text, payload: 'hello' }]) {
            await turn();
            pair.peer.send(frame);
          }
          assert.equal((await pair.event('Message')).str.length, 5_000_000);
          await endsBadly(pair, { code: 1002, reason: 'Protocol error: unknown opcode 3' });
        }
        await stillServes(role);
      });

      it('refuses 20 kB that become more than maxPayload, with 1009 and before they have filled the memory', async () => {
        const { options, ...terms } = agreed(role);
        const pair = await role.meet({ ...terms, options: { ...options, maxPayload: 1_000_000 } });
        pair.peer.send({ opcode: opcodes.binary, rsv: 4, payload: await new Deflater().message(Buffer.alloc(20_000_000)) });
        await endsBadly(pair, { code: 1009, reason: 'Message too big: larger than maxPayload' });
        await stillServes(role);
      });

      it('takes a message that becomes as large as maxPayload', async () => {
        const { options, ...terms } = agreed(role);
        const pair = await role.meet({ ...terms, options: { ...options, maxPayload: 1_000_000 } });
        const payload = await new Deflater().message(Buffer.alloc(1_000_000));
        pair.peer.send({ opcode: opcodes.binary, rsv: 4, payload });
        const { str, wireSize } = await pair.event('Message');
        assert.deepEqual([str.length, wireSize], [1_000_000, payload.length]);
        await closes(pair);
      });
    });
  }
});

const pick = ({ str, wireSize }: Record<string, unknown>) => ({ str, wireSize });
/** The parameter with which the socket of the flow resets its window. */
const own = ({ name }: Role) => `; ${name}_no_context_takeover`;
