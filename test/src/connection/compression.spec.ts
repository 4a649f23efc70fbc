import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { constants, createInflateRaw, deflateRawSync } from 'node:zlib';
import type { ClientOptions, PerMessageDeflateOptions } from 'ws';
import type { DeflateOptions } from '../../../src/options/kinds';
import type { Layer } from '../../../src/options/read';
import { certs } from '../../helpers/certs';
import { opcodes, wireSizes } from '../../helpers/frames';
import { type Peer, rawClient, rawServer, tap, wsClient, wsServer } from '../../helpers/peers';
import { client, server } from '../../helpers/sockets';
import { teardown } from '../../helpers/teardown';

const long = 'x'.repeat(1000);
/** A text that compresses to a few bytes with context takeover, and not at all without. */
const noise = randomBytes(900).toString('base64');
/** A text whose repetitions are so far apart that only a large window covers them. */
const far = randomBytes(15_000).toString('base64').repeat(2);

/** Returns the extensions that our client offered to a `ws` server, and the response. */
async function offered(given: Layer, answer: boolean | PerMessageDeflateOptions = false) {
  const { url, peers } = await wsServer({ perMessageDeflate: answer });
  const harness = await client({ URL: url, ...given }).open();
  const peer = await peers.take();
  return { harness, peer, offer: peer.request?.headers['sec-websocket-extensions'], agreed: peer.ws.extensions };
}

/** Returns our server's response to this offer. */
async function granted(given: Layer, offer?: string): Promise<string | undefined> {
  const harness = await server(given).open();
  const { head } = await rawClient(harness.port, { headers: offer === undefined ? [] : [`Sec-WebSocket-Extensions: ${offer}`] });
  return head.headers['sec-websocket-extensions'];
}

/** Asserts that text is unchanged in both directions, repeatedly and with references across the whole window. */
async function worksBothWays(
  peer: Peer,
  send: (text: string) => Promise<unknown>,
  next: () => Promise<{ str: string | Buffer }>,
): Promise<void> {
  const texts = [
    '',
    'hi',
    long,
    noise,
    noise,
    noise.slice(0, 300) + noise.slice(0, 300),
    far,
    ...Array.from({ length: 20 }, (_, i) => noise.slice(i * 20, i * 20 + 400) + i),
  ];
  for (const text of texts) {
    await send(text);
    assert.equal((await peer.messages.take('what we sent')).data, text);
    peer.ws.send(text);
    assert.equal((await next()).str, text);
  }
}

describe('permessage-deflate', () => {
  afterEach(teardown);

  describe('a client', () => {
    it('does not offer it by default', async () => assert.equal((await offered({}, true)).offer, undefined));
    it('offers it with enablePerMessageDeflate', async () =>
      assert.match((await offered({ enablePerMessageDeflate: true })).offer ?? '', /^permessage-deflate/));

    it('continues without it where the server does not grant it', async () => {
      const { harness, peer, agreed } = await offered({ enablePerMessageDeflate: true }, false);
      assert.equal(agreed, '');
      assert.deepEqual([(await harness.send(long)).wireSize, (await peer.messages.take()).data], [1000, long]);
    });

    const parameters: [DeflateOptions, RegExp][] = [
      [{ clientNoContextTakeover: true }, /; client_no_context_takeover/],
      [{ serverNoContextTakeover: true }, /; server_no_context_takeover/],
      [{ clientMaxWindowBits: 10 }, /; client_max_window_bits=10/],
      [{ serverMaxWindowBits: 11 }, /; server_max_window_bits=11/],
      [
        { clientNoContextTakeover: true, serverNoContextTakeover: true, clientMaxWindowBits: 9, serverMaxWindowBits: 15 },
        /^(?=.*client_no)(?=.*server_no)(?=.*client_max_window_bits=9)(?=.*server_max_window_bits=15)/,
      ],
    ];
    for (const [perMessageDeflateOptions, header] of parameters) {
      it(`offers ${JSON.stringify(perMessageDeflateOptions)}, and works with it`, async () => {
        const { harness, peer, offer, agreed } = await offered({ enablePerMessageDeflate: true, perMessageDeflateOptions }, true);
        assert.match(offer ?? '', header);
        assert.equal(agreed, 'permessage-deflate');
        await worksBothWays(
          peer,
          (text) => harness.send(text),
          () => harness.next('Message'),
        );
      });
    }

    for (const bits of [8, 9, 10, 15]) {
      it(`works with windows of ${bits} bits on both sides`, async () => {
        const { harness, peer, agreed } = await offered(
          { enablePerMessageDeflate: true, perMessageDeflateOptions: { clientMaxWindowBits: bits, serverMaxWindowBits: bits } },
          true,
        );
        assert.equal(agreed, 'permessage-deflate');
        await worksBothWays(
          peer,
          (text) => harness.send(text),
          () => harness.next('Message'),
        );
      });
    }

    it('keeps to the window that the server allows it', async () => {
      const { harness, peer } = await offered({ enablePerMessageDeflate: true }, { clientMaxWindowBits: 9 });
      await worksBothWays(
        peer,
        (text) => harness.send(text),
        () => harness.next('Message'),
      );
    });

    for (const name of ['clientNoContextTakeover', 'serverNoContextTakeover'] as const) {
      it(`with ${name} false, which asks for nothing, takes a server that does without`, async () => {
        const { harness, offer, agreed } = await offered(
          { enablePerMessageDeflate: true, perMessageDeflateOptions: { [name]: false } },
          { [name]: true },
        );
        assert.doesNotMatch(offer ?? '', /takeover/);
        assert.equal(agreed, 'permessage-deflate');
        assert.equal((await harness.send(long)).success, true);
      });
    }

    it('with clientNoContextTakeover remembers nothing of the messages before', async () => {
      const { harness } = await offered(
        { enablePerMessageDeflate: true, perMessageDeflateOptions: { clientNoContextTakeover: true } },
        true,
      );
      const sizes = [(await harness.send(noise)).wireSize, (await harness.send(noise)).wireSize];
      assert.equal(sizes[1], sizes[0]);
    });

    it('remembers the messages before otherwise', async () => {
      const { harness } = await offered({ enablePerMessageDeflate: true }, true);
      const [first, second] = [(await harness.send(noise)).wireSize, (await harness.send(noise)).wireSize];
      assert.ok(second < first / 10, `${first}, then ${second}`);
    });
  });

  describe('a server', () => {
    it('is granted by default to each client that offers it', async () =>
      assert.match((await granted({}, 'permessage-deflate')) ?? '', /^permessage-deflate/));
    it('grants it with client_max_window_bits offered, as browsers do', async () =>
      assert.match((await granted({}, 'permessage-deflate; client_max_window_bits')) ?? '', /^permessage-deflate/));
    it('does not grant what was not offered', async () => assert.equal(await granted({}), undefined));
    it('does not grant it with enablePerMessageDeflate false', async () =>
      assert.equal(await granted({ enablePerMessageDeflate: false }, 'permessage-deflate'), undefined));
    it('accepts a client that offers something else, without it', async () => assert.equal(await granted({}, 'x-zip'), undefined));

    const parameters: [DeflateOptions, string, RegExp][] = [
      [{ clientNoContextTakeover: true }, 'permessage-deflate', /; client_no_context_takeover/],
      [{ serverNoContextTakeover: true }, 'permessage-deflate', /; server_no_context_takeover/],
      [{ serverMaxWindowBits: 11 }, 'permessage-deflate', /; server_max_window_bits=11/],
      [{ clientMaxWindowBits: 10 }, 'permessage-deflate; client_max_window_bits', /; client_max_window_bits=10/],
    ];
    for (const [perMessageDeflateOptions, offer, header] of parameters) {
      it(`answers ${JSON.stringify(perMessageDeflateOptions)} in its header`, async () =>
        assert.match((await granted({ perMessageDeflateOptions }, offer)) ?? '', header));

      it(`works with ${JSON.stringify(perMessageDeflateOptions)}, towards one and towards many`, async () => {
        const harness = await server({ perMessageDeflateOptions }).open();
        const options: ClientOptions = { perMessageDeflate: { threshold: 0 } };
        const peer = await wsClient(harness.url(), [], options);
        await harness.next('Open');
        await worksBothWays(
          peer,
          (text) => harness.send(text),
          () => harness.next('Message'),
        );
        const other = await wsClient(harness.url(), [], options);
        await harness.next('Open');
        await worksBothWays(
          peer,
          (text) => harness.send(text),
          () => harness.next('Message'),
        );
        assert.equal((await other.messages.take()).data, '');
        assert.equal((await other.messages.take()).data, 'hi');
      });
    }

    describe('is granted to each client that offers it, with any parameters', () => {
      const offers: [string, DeflateOptions][] = [
        ['permessage-deflate; server_no_context_takeover', {}],
        ['permessage-deflate; server_no_context_takeover', { serverNoContextTakeover: false }],
        ['permessage-deflate; client_no_context_takeover', { clientNoContextTakeover: false }],
        ['permessage-deflate; server_max_window_bits=10', {}],
        ['permessage-deflate; client_max_window_bits=9', { clientMaxWindowBits: 9 }],
        ['permessage-deflate; server_max_window_bits=15; client_max_window_bits=15', {}],
        ['x-zip, permessage-deflate', {}],
        ['permessage-deflate; server_max_window_bits=10, permessage-deflate', {}],
      ];
      for (const [offer, perMessageDeflateOptions] of offers) {
        it(`${offer}, with ${JSON.stringify(perMessageDeflateOptions)}`, async () => {
          const answer = await granted({ perMessageDeflateOptions }, offer);
          assert.match(answer ?? '', /^permessage-deflate/);
          const bits = (text: string, name: string) => Number(new RegExp(`${name}=(\\d+)`).exec(text)?.[1] ?? 15);
          for (const name of ['server_max_window_bits', 'client_max_window_bits']) {
            if (!offer.includes(',')) assert.ok(bits(answer ?? '', name) <= bits(offer, name), answer);
          }
        });
      }

      for (const [offer, perMessageDeflateOptions] of [
        ['permessage-deflate; server_max_window_bits=10', { serverMaxWindowBits: 12 }],
        ['permessage-deflate; client_max_window_bits=10', { clientMaxWindowBits: 12 }],
        ['permessage-deflate; nonsense=1', {}],
        ['permessage-deflate; server_max_window_bits=7', {}],
      ] as const) {
        it(`accepts without it a client that offers ${offer}, which conflicts with ${JSON.stringify(perMessageDeflateOptions)}`, async () => {
          assert.equal(await granted({ perMessageDeflateOptions }, offer), undefined);
        });
      }

      it('a client that does not support clientMaxWindowBits is accepted nevertheless', async () => {
        const harness = await server({ perMessageDeflateOptions: { clientMaxWindowBits: 10 } }).open();
        const { head } = await rawClient(harness.port, { headers: ['Sec-WebSocket-Extensions: permessage-deflate'] });
        assert.doesNotMatch(head.headers['sec-websocket-extensions'] ?? '', /client_max_window_bits/);
      });
    });

    const clients: PerMessageDeflateOptions[] = [
      { serverNoContextTakeover: true },
      { clientNoContextTakeover: true },
      { serverMaxWindowBits: 8, clientMaxWindowBits: 8 },
      { serverMaxWindowBits: 9, clientMaxWindowBits: 9 },
      { serverMaxWindowBits: 10, clientNoContextTakeover: true },
    ];
    for (const offer of clients) {
      it(`works with a client that offers ${JSON.stringify(offer)}, alone and among others`, async () => {
        const harness = await server().open();
        const peer = await wsClient(harness.url(), [], { perMessageDeflate: { threshold: 0, ...offer } });
        await harness.next('Open');
        await worksBothWays(
          peer,
          (text) => harness.send(text),
          () => harness.next('Message'),
        );
        await wsClient(harness.url(), [], { perMessageDeflate: true });
        await wsClient(harness.url(), [], { perMessageDeflate: false });
        await harness.next('Open');
        await harness.next('Open');
        await worksBothWays(
          peer,
          (text) => harness.send(text),
          () => harness.next('Message'),
        );
      });
    }

    it('sends to all what each can read, compressed or not, text and binary, small and large', async () => {
      const harness = await server().open();
      const peers = [];
      for (const perMessageDeflate of [false, true, { serverNoContextTakeover: true }, { serverMaxWindowBits: 9 }, true]) {
        peers.push(await wsClient(harness.url(), [], { perMessageDeflate }));
        await harness.next('Open');
      }
      const messages = ['', 'hi', long, noise, randomBytes(100), Buffer.alloc(0), 'y'.repeat(200_000), randomBytes(40_000), far, 'last'];
      const sent = messages.map((message) => harness.send(message));
      for (const message of messages) {
        for (const peer of peers) assert.deepEqual((await peer.messages.take()).data, message);
      }
      for (const [i, statuses] of (await Promise.all(sent)).entries()) {
        const bytes = Buffer.byteLength(messages[i] as string);
        assert.deepEqual(
          statuses.map(({ success, payloadSize }) => [success, payloadSize]),
          peers.map(() => [true, bytes]),
        );
        assert.equal(statuses[0]?.wireSize, bytes);
      }
      const [plain, compressed] = (await harness.send(long)).map(({ wireSize }) => wireSize);
      assert.deepEqual([plain, (compressed ?? 1000) < 20], [1000, true]);
    });

    it('sends to one what it can read after it was sent to all, and the other way round', async () => {
      const harness = await server().open();
      const [one, two] = [
        await wsClient(harness.url('/1'), [], { perMessageDeflate: true }),
        await wsClient(harness.url('/2'), [], { perMessageDeflate: true }),
      ];
      for (const [i, uri] of [['/1'], [], ['/1'], ['/2'], [], [], ['/1']].entries()) await harness.send(noise + i, { uri });
      for (const i of [0, 1, 2, 4, 5, 6]) assert.equal((await one.messages.take()).data, noise + i);
      for (const i of [1, 3, 4, 5]) assert.equal((await two.messages.take()).data, noise + i);
    });

    it('keeps the order of messages to one and to all', async () => {
      const harness = await server().open();
      const one = await wsClient(harness.url('/1'), [], { perMessageDeflate: true });
      await wsClient(harness.url('/2'), [], { perMessageDeflate: true });
      const sizes = [10, 100_000, 10, 40_000, 0, 200_000, 1];
      await Promise.all(sizes.map((size, i) => harness.send(`${i}${'z'.repeat(size)}`, i % 2 ? { uri: ['/1'] } : {})));
      for (const [i, size] of sizes.entries()) assert.equal((await one.messages.take()).data, `${i}${'z'.repeat(size)}`);
    });
  });
});

describe('wireSize', () => {
  afterEach(teardown);

  const messages: [string, string | Buffer][] = [
    ['empty', ''],
    ['short', 'hi'],
    ['UTF-8', 'é漢😀'.repeat(50)],
    ['1000 the same', long],
    ['noise', noise],
    ['the noise again', noise],
    ['binary', randomBytes(200)],
    ['65,536 bytes', 'y'.repeat(65_536)],
    ['large', randomBytes(90_000)],
  ];

  for (const compressed of [false, true]) {
    const how = compressed ? 'compressed' : 'plain';

    it(`${how}: the sizes that a client reports are those on the wire`, async () => {
      const { port, peers } = await wsServer({ perMessageDeflate: compressed && { threshold: 0 } });
      const wire = await tap(port);
      const harness = await client({ URL: wire.url, enablePerMessageDeflate: compressed }).open();
      const peer = await peers.take();
      const [said, heard]: number[][] = [[], []];
      for (const [, message] of messages) {
        const { payloadSize, wireSize } = await harness.send(message);
        assert.equal(payloadSize, Buffer.byteLength(message as string));
        said?.push(wireSize);
        await peer.messages.take();
        peer.ws.send(message);
        heard?.push((await harness.next('Message')).wireSize);
      }
      const { sent, received, sentFrames } = wire.connection();
      assert.deepEqual([said, heard], [sent, received]);
      assert.deepEqual(
        sentFrames.filter(({ masked }) => !masked),
        [],
      );
      assert.equal((sent[3] as number) < 20, compressed);
    });

    it(`${how}: the sizes that a server reports are those on the wire`, async () => {
      const harness = await server().open();
      const wire = await tap(harness.port);
      const peer = await wsClient(wire.url, [], { perMessageDeflate: compressed && { threshold: 0 } });
      const [said, heard]: number[][] = [[], []];
      for (const [, message] of messages) {
        const [status] = await harness.send(message);
        said?.push(status?.wireSize ?? -1);
        await peer.messages.take();
        peer.ws.send(message);
      }
      await harness.next('Open');
      for (const _ of messages) heard?.push((await harness.next('Message')).wireSize);
      const { sent, received } = wire.connection();
      assert.deepEqual([said, heard], [received, sent]);
    });

    it(`${how}: of a message to many too`, async () => {
      const harness = await server().open();
      const wires = [await tap(harness.port), await tap(harness.port)];
      const peers: Peer[] = [];
      for (const { url } of wires) peers.push(await wsClient(url, [], { perMessageDeflate: compressed && { threshold: 0 } }));
      const said: number[][] = [];
      for (const [, message] of messages) {
        said.push((await harness.send(message)).map(({ wireSize }) => wireSize));
        for (const peer of peers) await peer.messages.take();
      }
      assert.deepEqual(
        said,
        messages.map((_, i) => wires.map((wire) => wire.connection().received[i])),
      );
    });

    it(`${how}: over TLS too`, async () => {
      const { cert, key, certFile, keyFile } = certs().server;
      const headers = compressed ? ['Sec-WebSocket-Extensions: permessage-deflate'] : [];
      const theirs = await rawServer({ tls: { cert, key }, headers });
      const ours = await client({ URL: theirs.url, caFile: 'NONE', enablePerMessageDeflate: compressed }).open();
      const harness = await server({ tls: true, certFile, keyFile }).open();
      const pairs = [
        {
          peer: await theirs.peers.take(),
          send: async (text: string) => (await ours.send(text)).wireSize,
          next: () => ours.next('Message'),
        },
        {
          peer: await rawClient(harness.port, { headers, tls: { rejectUnauthorized: false } }),
          send: async (text: string) => (await harness.send(text))[0]?.wireSize,
          next: () => harness.next('Message'),
        },
      ];
      await harness.next('Open');
      for (const { peer, send, next } of pairs) {
        for (const text of [long, noise, noise]) {
          const size = await send(text);
          const { payload, rsv } = await peer.frames.take('our frame');
          assert.deepEqual([size, rsv], [payload.length, compressed ? 4 : 0]);
          const theirs = compressed ? deflateRawSync(text, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4) : Buffer.from(text);
          peer.send(opcodes.text, theirs, { rsv: compressed ? 4 : 0 });
          assert.deepEqual(await next().then(({ str, wireSize }) => [str, wireSize]), [text, theirs.length]);
        }
      }
    });

    it(`${how}: of fragments, with pings between them, is the sum of the fragments`, async () => {
      const harness = await server().open();
      const peer = await rawClient(harness.port, { headers: compressed ? ['Sec-WebSocket-Extensions: permessage-deflate'] : [] });
      await harness.next('Open');
      const bytes = compressed
        ? deflateRawSync(long + noise, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4)
        : Buffer.from(long + noise);
      const cuts = [0, 1, 1, 300, bytes.length];
      for (let i = 1; i < cuts.length; i++) {
        peer.send(i === 1 ? opcodes.text : opcodes.continuation, bytes.subarray(cuts[i - 1], cuts[i]), {
          fin: i === cuts.length - 1,
          rsv: compressed && i === 1 ? 4 : 0,
        });
        peer.send(opcodes.ping, 'p'.repeat(100));
      }
      const { str, wireSize } = await harness.next('Message');
      assert.deepEqual([str, wireSize], [long + noise, bytes.length]);
    });

    it(`${how}: is not led astray by pongs, pings and messages in one burst`, async () => {
      const harness = await server({ pingInterval: 1 }).open();
      const wire = await tap(harness.port);
      const peer = await wsClient(wire.url, [], { perMessageDeflate: compressed && { threshold: 0 } });
      await harness.next('Open');
      const texts = Array.from({ length: 200 }, (_, i) => noise.slice(0, (i * 37) % 1200));
      const [said, heard]: number[][] = [[], []];
      for (let i = 0; i < texts.length; i += 10) {
        const burst = texts.slice(i, i + 10);
        peer.ws.ping(`p${i}`);
        for (const text of burst) peer.ws.send(text);
        peer.ws.ping(`q${i}`);
        const statuses = await Promise.all(burst.map((text) => harness.send(text)));
        said?.push(...statuses.map(([status]) => status?.wireSize ?? -1));
        for (const _ of burst) {
          heard?.push((await harness.next('Message')).wireSize);
          await peer.messages.take();
        }
      }
      const { sent: up, received: down, receivedFrames } = wire.connection();
      assert.deepEqual([said, heard], [down, up]);
      const pongs = receivedFrames.slice(0, -1).filter(({ opcode }) => opcode === opcodes.pong);
      assert.equal(pongs.length >= 30, true, `${pongs.length} pongs`);
    });
  }

  it('of a message that a peer sends uncompressed though it could compress is its size', async () => {
    const harness = await server().open();
    const peer = await wsClient(harness.url(), [], { perMessageDeflate: { threshold: 100_000 } });
    peer.ws.send(long, { compress: false });
    await harness.next('Open');
    assert.equal((await harness.next('Message')).wireSize, 1000);
  });

  it('of the frames that `ws` cut a message into is their sum', async () => {
    const { url, peers } = await wsServer({ perMessageDeflate: { threshold: 0 } });
    const wire = await tap(Number(new URL(url).port));
    const harness = await client({ URL: wire.url, enablePerMessageDeflate: true }).open();
    const { ws } = await peers.take();
    ws.send(noise, { fin: false });
    ws.ping('between');
    ws.send(noise, { fin: true });
    const { str, wireSize } = await harness.next('Message');
    const { received, receivedFrames } = wire.connection();
    assert.deepEqual([str, [wireSize]], [noise + noise, received]);
    assert.equal(receivedFrames.filter(({ opcode }) => opcode < 8).length, 2);
  });

  it('the measure of these tests is right: an independent decoder reads what it measured', async () => {
    const { port, peers } = await wsServer({ perMessageDeflate: { threshold: 0 } });
    const wire = await tap(port);
    const harness = await client({ URL: wire.url, enablePerMessageDeflate: true }).open();
    const peer = await peers.take();
    for (const text of [long, noise, noise]) {
      await harness.send(text);
      await peer.messages.take();
    }
    const { sentFrames, sent } = wire.connection();
    assert.deepEqual(wireSizes(sentFrames), sent);
    const inflate = createInflateRaw();
    const out: Buffer[] = [];
    inflate.on('data', (chunk) => out.push(chunk));
    for (const { payload } of sentFrames) inflate.write(Buffer.concat([payload, Buffer.from([0, 0, 0xff, 0xff])]));
    await new Promise<void>((resolve) => inflate.flush(() => resolve()));
    assert.equal(Buffer.concat(out).toString(), long + noise + noise);
  });
});
