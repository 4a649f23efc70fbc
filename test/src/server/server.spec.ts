import assert from 'node:assert/strict';

import dns = require('node:dns/promises');

import type { Layer } from '../../../src/options/read';
import type { ReceiverStatus } from '../../../src/server/broadcast';
import type { ConnectionInfo } from '../../../src/server/connection-info';
import { certs } from '../../helpers/certs';
import { closeBody, opcodes } from '../../helpers/frames';
import { closedPort, type Peer, rawClient, tcpClient, tcpServer, wsClient } from '../../helpers/peers';
import { until, within } from '../../helpers/queue';
import { type ServerHarness, server } from '../../helpers/sockets';
import { stub, teardown } from '../../helpers/teardown';

/** Creates a server with a connection for each of these request targets, in this order. */
async function withClients(paths: string[], given: Layer = {}): Promise<{ harness: ServerHarness; peers: Peer[]; names: string[] }> {
  const harness = await server(given).open();
  const peers: Peer[] = [];
  const names: string[] = [];
  for (const path of paths) {
    peers.push(await wsClient(harness.url(path)));
    names.push((await harness.next('Open')).client ?? '');
  }
  return { harness, peers, names };
}

const count = (names: string[], name: string) => names.filter((one) => one === name).length;

const heard = (peers: Peer[]) => peers.map(({ messages }) => messages.all.map(({ data }) => data));

describe('server', () => {
  afterEach(teardown);

  describe('start', () => {
    it('answers where it really listens', async () => {
      const { port, uri, ...rest } = await server().start();
      assert.deepEqual(rest, { success: true, http_status: 0, headers: {} });
      assert.equal(port > 0 && port < 65536, true, String(port));
      assert.equal(uri, `ws://127.0.0.1:${port}`);
    });

    it('listens on 127.0.0.1 and on nothing else by default', async () => {
      const harness = await server().open();
      await wsClient(harness.url());
      await assert.rejects(tcpClient(harness.port, '127.0.0.2'), { code: 'ECONNREFUSED' });
    });

    it('a port in use is a failure with a sentence, and not a refusal', async () => {
      const port = await tcpServer();
      const harness = server({ port });
      const { errorStr = '', ...rest } = await harness.start();
      assert.deepEqual(rest, { success: false, http_status: 0, headers: {}, uri: '', port: 0 });
      assert.match(
        errorStr,
        new RegExp(
          `^Could not listen on ws://127\\.0\\.0\\.1:${port}: port ${port} is in use \\(EADDRINUSE\\)\\. Stop the program that uses it`,
        ),
      );
      assert.deepEqual([harness.socket.state, harness.names], ['idle', []]);
    });

    it('of two servers on one port the second fails, and the first runs on', async () => {
      const first = await server().open();
      assert.equal((await server({ port: first.port }).start()).success, false);
      await wsClient(first.url());
    });

    it('a port that is free again can be had', async () => {
      const port = await closedPort();
      const first = await server({ port }).open();
      const second = server({ port });
      assert.equal((await second.start()).success, false);
      await first.stop();
      assert.equal((await second.start()).success, true);
    });

    it('while it listens is refused, and it runs on', async () => {
      const harness = await server().open();
      await assert.rejects(harness.start(), { code: 'ERR_STATE', message: /server -1 is already started \(open\)/ });
      await wsClient(harness.url());
    });

    it('while it begins to listen is refused', async () => {
      const harness = server();
      const starting = harness.start();
      await assert.rejects(harness.start(), { code: 'ERR_STATE', message: /\(connecting\)/ });
      assert.equal((await starting).success, true);
    });

    it('after a clear is refused', async () => {
      const harness = server();
      await harness.socket.clear();
      await assert.rejects(harness.start(), { code: 'ERR_NO_SOCKET', message: /cleared/ });
    });

    it('after a stop listens again, on the same port', async () => {
      const port = await closedPort();
      const harness = server({ port });
      for (let i = 0; i < 3; i++) {
        await harness.open();
        await wsClient(harness.url());
        await harness.next('Open');
        await harness.stop();
        await harness.next('Close');
      }
    });

    describe('options that are fixed at create', () => {
      const rows: [string, unknown, unknown][] = [
        ['port', 0, 8123],
        ['host', '127.0.0.1', '0.0.0.0'],
        ['addressFamily', 2, 6],
        ['backlog', 511, 6],
        ['maxConnections', 128, 5],
        ['handshakeTimeoutSecs', 3, 4],
      ];
      for (const [name, same, other] of rows) {
        it(`${name} cannot be changed by start`, async () => {
          const harness = server(name === 'addressFamily' ? { host: 'localhost' } : {});
          await assert.rejects(harness.start({ [name]: other }), {
            code: 'ERR_STATE',
            message: new RegExp(`option ${name} of server -1 cannot be changed`),
          });
          assert.equal(harness.socket.state, 'idle');
        });

        it(`${name} may be repeated by start`, async () => {
          const harness = server(name === 'host' ? { host: same } : {});
          assert.equal((await harness.start({ [name]: same })).success, true);
        });
      }

      it('repeated in another spelling they may be too', async () => {
        assert.equal((await server({ addressFamily: 'IPv4' }).start({ addressFamily: 2, maxConnections: '128' })).success, true);
      });
    });

    it('a changed option stays for the next start', async () => {
      const harness = await server().open({ subProtocols: ['a'] });
      await harness.stop();
      await harness.open();
      assert.equal((await wsClient(harness.url(), ['a'])).ws.protocol, 'a');
    });

    it('a changed option of a start that the world refused stays too', async () => {
      const port = await closedPort();
      const first = await server({ port }).open();
      const harness = server({ port });
      assert.equal((await harness.start({ subProtocols: ['a'] })).success, false);
      await first.stop();
      await harness.open();
      assert.equal((await wsClient(harness.url(), ['a'])).ws.protocol, 'a');
    });

    const bad: [string, Layer][] = [
      ['of the wrong type', { maxPayload: 'much' }],
      ['out of range', { pingInterval: -1 }],
      ['a certificate that is missing', { tls: true, certFile: '/nowhere/cert.pem', keyFile: '/nowhere/key.pem' }],
      ['tls without a certificate', { tls: true }],
    ];
    for (const [title, given] of bad) {
      it(`with a bad option (${title}) leaves the server as it was`, async () => {
        const harness = server({ subProtocols: ['a'] });
        await assert.rejects(harness.start({ subProtocols: ['b'], ...given }), { code: 'ERR_OPTION' });
        assert.deepEqual([harness.socket.state, harness.names], ['idle', []]);
        assert.match((await harness.open()).url(), /^ws:/);
        assert.equal((await wsClient(harness.url(), ['a'])).ws.protocol, 'a');
      });
    }

    it('reads the options of the config node, and so the environment, again', async () => {
      let base: Layer = { port: 0, subProtocols: ['a'] };
      const harness = await server({}, () => base).open();
      assert.equal((await wsClient(harness.url(), ['a'])).ws.protocol, 'a');
      await harness.stop();
      base = { port: 0, subProtocols: ['b'] };
      await harness.open();
      assert.equal((await wsClient(harness.url(), ['b'])).ws.protocol, 'b');
    });

    it('checks without a start', () => {
      assert.throws(() => server({ host: '::1' }).socket.check(), {
        code: 'ERR_OPTION',
        message: /option host must be a name or an IPv4 address/,
      });
      assert.throws(() => server({}, () => ({ backlog: 'x' })).socket.check(), { code: 'ERR_OPTION' });
    });
  });

  describe('a connection', () => {
    it('is reported by Open with its request', async () => {
      const harness = await server({ subProtocols: ['a'] }).open();
      const { head, socket } = await rawClient(harness.port, {
        path: '/a%20b?x=1',
        headers: ['X-oDD: Value', 'Sec-WebSocket-Protocol: a'],
      });
      const { headers, client, ...rest } = await harness.next('Open');
      assert.deepEqual(rest, { uri: '/a%20b?x=1', protocol: 'a', remoteIp: '127.0.0.1', remotePort: socket.localPort });
      assert.deepEqual(
        [headers['X-oDD'], headers.Upgrade, headers['Sec-WebSocket-Version'], headers['sec-websocket-extensions']],
        ['Value', 'websocket', '13', undefined],
      );
      assert.equal(typeof client, 'string');
      assert.equal(head.headers['sec-websocket-protocol'], 'a');
    });

    it('is named in its messages and its Close too', async () => {
      const harness = await server().open();
      const peer = await rawClient(harness.port, { path: '/p' });
      const { client } = await harness.next('Open');
      const origin = { uri: '/p', remoteIp: '127.0.0.1', remotePort: peer.socket.localPort, client };
      peer.send(opcodes.text, 'hi');
      assert.deepEqual(await harness.next('Message'), { str: 'hi', binary: false, wireSize: 2, ...origin });
      peer.send(opcodes.close, closeBody(1001, 'away'));
      await peer.close();
      peer.socket.destroy();
      assert.deepEqual(await harness.next('Close'), { code: 1001, reason: 'away', remote: true, ...origin });
    });

    it('has a name that is never used again, not by another server either', async () => {
      const { names, harness } = await withClients(['/', '/', '/']);
      const other = await withClients(['/', '/']);
      await harness.stop();
      await harness.open();
      await wsClient(harness.url());
      const later = harness.events.all.filter(({ type }) => type === 1).map(({ payload }) => (payload as { client: string }).client);
      assert.equal(new Set([...later, ...names, ...other.names]).size, 6);
    });

    it('from an IPv4-mapped address is shown as IPv4', async function () {
      const harness = server({ host: '::', addressFamily: 6 });
      const { success, port, errorStr = '' } = await harness.start();
      if (!success && /EADDRNOTAVAIL|EAFNOSUPPORT/.test(errorStr)) return this.skip(); // No IPv6 on this machine.
      await wsClient(`ws://127.0.0.1:${port}/`);
      assert.equal((await harness.next('Open')).remoteIp, '127.0.0.1');
      assert.equal(harness.socket.info().connections[0]?.remoteIp, '127.0.0.1');
    });

    const protocols: [string[] | undefined, string, string | undefined][] = [
      [undefined, 'a, b', undefined],
      [[], 'a', undefined],
      [['a'], 'a', 'a'],
      [['b', 'a'], 'a, b', 'b'],
      [['c', 'b'], 'a, b', 'b'],
      [['c'], 'a, b', undefined],
      [['a'], '', undefined],
    ];
    for (const [subProtocols, offer, answer] of protocols) {
      it(`that offers ${offer || 'no subprotocol'} to ${JSON.stringify(subProtocols) ?? 'none'} is answered ${answer ?? 'none'}`, async () => {
        const harness = await server({ subProtocols }).open();
        const { head } = await rawClient(harness.port, { headers: offer ? [`Sec-WebSocket-Protocol: ${offer}`] : [] });
        assert.equal(head.headers['sec-websocket-protocol'], answer);
        assert.equal((await harness.next('Open')).protocol, answer ?? '');
      });
    }
  });

  describe('information', () => {
    it('has the open connections in the order of connection, same targets twice', async () => {
      const { harness, peers, names } = await withClients(['/b', '/a?x', '/b']);
      const { clients, connections } = harness.socket.info();
      assert.deepEqual(clients, ['/b', '/a?x', '/b']);
      assert.deepEqual(
        connections.map(({ client, uri }) => [client, uri]),
        [
          [names[0], '/b'],
          [names[1], '/a?x'],
          [names[2], '/b'],
        ],
      );
      peers[0]?.ws.close();
      await harness.next('Close');
      assert.deepEqual(harness.socket.info().clients, ['/a?x', '/b']);
    });

    it('says of each connection all there is', async () => {
      const before = Date.now();
      const harness = await server({ subProtocols: ['a'] }).open();
      const { socket } = await rawClient(harness.port, { path: '/p?q=1', headers: ['X-A: b', 'Sec-WebSocket-Protocol: a'] });
      const { client } = await harness.next('Open');
      const [one] = harness.socket.info().connections;
      assert.equal(one?.headers['X-A'], 'b');
      const { headers: _, since, ...rest } = one ?? { since: '' };
      const origin = { client, uri: '/p?q=1', path: '/p', query: { q: '1' }, remoteIp: '127.0.0.1', remotePort: socket.localPort };
      const traffic = { messagesIn: 0, bytesIn: 0, messagesOut: 0, bytesOut: 0, bufferedAmount: 0 };
      assert.deepEqual(rest, { ...origin, protocol: 'a', ...traffic, tags: [] });
      assert.match(since, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      assert.equal(Date.parse(since) >= before && Date.parse(since) <= Date.now(), true, since);
    });

    for (const perMessageDeflate of [false, true]) {
      it(`counts messages and their bytes, ${perMessageDeflate ? 'before compression' : 'text as UTF-8'}`, async () => {
        const harness = await server().open();
        const peer = await wsClient(harness.url('/a'), [], { perMessageDeflate });
        await wsClient(harness.url('/b'), [], { perMessageDeflate });
        const { client = '' } = await harness.next('Open');
        await harness.next('Open');
        for (const data of ['é'.repeat(2000), Buffer.alloc(3000), '']) {
          peer.ws.send(data);
          await harness.next('Message');
        }
        assert.equal((await harness.send('é'.repeat(500), { client: [client] }))[0]?.success, true);
        assert.equal((await harness.send('all', {})).length, 2);
        const counted = harness.socket
          .info()
          .connections.map(({ messagesIn, bytesIn, messagesOut, bytesOut }) => [messagesIn, bytesIn, messagesOut, bytesOut]);
        assert.deepEqual(counted, [
          [3, 7000, 2, 1003],
          [0, 0, 1, 3],
        ]);
      });
    }

    it('counts no message that was refused because the peer reads too slowly', async () => {
      const harness = await server({ maxBufferedAmount: 1000 }).open();
      const slow = await rawClient(harness.port);
      await harness.next('Open');
      slow.socket.pause();
      const sending = harness.send(Buffer.alloc(12_000_000));
      const [refused] = await harness.send('more');
      assert.equal(refused?.success, false);
      const [{ messagesOut, bytesOut, bufferedAmount } = {}] = harness.socket.info().connections as Partial<ConnectionInfo>[];
      assert.deepEqual([messagesOut, bytesOut], [1, 12_000_000]);
      assert.equal((bufferedAmount ?? 0) > 1000, true, `${bufferedAmount} bytes wait`);
      slow.socket.destroy();
      await sending;
    });

    it('has the last round trip, once a ping was answered', async () => {
      const harness = await server({ pingInterval: 60 }).open();
      const deaf = await rawClient(harness.port);
      await harness.next('Open');
      await deaf.frames.take('a ping');
      assert.equal('roundTrip' in (harness.socket.info().connections[0] ?? {}), false);
      await wsClient(harness.url());
      await harness.next('Open');
      const roundTrip = () => harness.socket.info().connections[1]?.roundTrip;
      await until(() => roundTrip() !== undefined, 'a pong');
      assert.equal((roundTrip() ?? -1) >= 0 && (roundTrip() ?? 9999) < 4000, true, `it took ${roundTrip()} ms`);
    });

    it('may be about some', async () => {
      const { harness, names } = await withClients(['/a', '/b', '/a']);
      harness.socket.tag({ client: [names[1] ?? ''] }, { add: ['x'] });
      assert.deepEqual(harness.socket.info({ uri: ['/a'] }).clients, ['/a', '/a']);
      assert.deepEqual(harness.socket.info({ tag: ['x'] }).connections[0]?.client, names[1]);
      assert.deepEqual(harness.socket.info({ client: ['nobody'] }), { clients: [], connections: [] });
    });

    it('has no connection that is still in its handshake', async () => {
      const harness = await server().open();
      await tcpClient(harness.port);
      await wsClient(harness.url('/open'));
      await harness.next('Open');
      assert.deepEqual(harness.socket.info().clients, ['/open']);
    });

    it('is a copy: what a flow does to it changes nothing', async () => {
      const { harness } = await withClients(['/']);
      const { connections } = harness.socket.info();
      if (connections[0]) connections[0].headers.Host = 'changed';
      connections[0]?.tags.push('changed');
      connections.pop();
      assert.deepEqual(harness.socket.info().connections[0]?.tags, []);
      assert.equal(harness.socket.info().connections[0]?.headers.Host, `127.0.0.1:${harness.port}`);
    });

    it('is empty before the start and after the stop', async () => {
      const { harness } = await withClients(['/']);
      await harness.stop();
      assert.deepEqual(
        [harness.socket.info(), server().socket.info()],
        [
          { clients: [], connections: [] },
          { clients: [], connections: [] },
        ],
      );
    });

    it('the number of connections is reported with every change', async () => {
      const { harness, peers } = await withClients(['/', '/']);
      peers[0]?.ws.close();
      await harness.next('Close');
      await harness.stop();
      assert.deepEqual(
        harness.changes.map(({ state, connections }) => [state, connections]),
        [
          ['opening', 0],
          ['open', 0],
          ['open', 1],
          ['open', 2],
          ['open', 1],
          ['closing', 1],
          ['closing', 0],
          ['idle', 0],
        ],
      );
    });
  });

  describe('send', () => {
    const paths = ['/a', '/b?x=1', '/a', '/c'];
    const rows: [string, (names: string[]) => Parameters<ServerHarness['send']>[1], number[]][] = [
      ['without receivers goes to everyone', () => ({}), [0, 1, 2, 3]],
      ['to an empty list of targets goes to everyone', () => ({ uri: [] }), [0, 1, 2, 3]],
      ['to a target goes to all with this target', () => ({ uri: ['/a'] }), [0, 2]],
      ['to a target matches the query too', () => ({ uri: ['/b?x=1'] }), [1]],
      ['to a target without its query goes to nobody', () => ({ uri: ['/b'] }), []],
      ['to several targets goes to each once', () => ({ uri: ['/c', '/a', '/a'] }), [0, 2, 3]],
      ['to a target that nobody has goes to nobody', () => ({ uri: ['/z'] }), []],
      ['to a connection goes to it alone', (names) => ({ client: [names[2] ?? ''] }), [2]],
      [
        'to several connections goes to these, in the order of connection',
        (names) => ({ client: [names[3] ?? '', names[0] ?? '', names[3] ?? ''] }),
        [0, 3],
      ],
      ['to a connection that does not exist goes to nobody', () => ({ client: ['nobody'] }), []],
      ['to a connection goes before a target', (names) => ({ client: [names[3] ?? ''], uri: ['/a'] }), [3]],
      ['to no connection goes to nobody', () => ({ client: [] }), []],
      ['to all but one goes to the others', (names) => ({ except: [names[1] ?? ''] }), [0, 2, 3]],
      ['to all but several goes to the others', (names) => ({ except: [names[1] ?? '', names[0] ?? ''] }), [2, 3]],
      ['to all but nobody goes to everyone', () => ({ except: [] }), [0, 1, 2, 3]],
      ['to a tag goes to those that have it', () => ({ tag: ['x'] }), [0, 3]],
      ['to several tags goes to each once', () => ({ tag: ['y', 'x'] }), [0, 2, 3]],
      ['to a tag that nobody has goes to nobody', () => ({ tag: ['z'] }), []],
      ['to a tag goes before a connection', (names) => ({ tag: ['x'], client: [names[1] ?? ''] }), [0, 3]],
      ['to a tag and all but one goes to the others with the tag', (names) => ({ tag: ['x'], except: [names[3] ?? ''] }), [0]],
      ['to all but one ignores the target', (names) => ({ except: [names[1] ?? ''], uri: ['/c'] }), [0, 2, 3]],
    ];
    for (const [title, to, expected] of rows) {
      it(title, async () => {
        const { harness, peers, names } = await withClients(paths);
        harness.socket.tag({ client: [names[3] ?? '', names[0] ?? ''] }, { add: ['x'] });
        harness.socket.tag({ client: [names[2] ?? '', names[0] ?? ''] }, { add: ['y'] });
        const statuses = await harness.send('hi', to(names));
        assert.deepEqual(
          statuses,
          expected.map((i) => ({ uri: paths[i], client: names[i], success: true, compressionError: false, payloadSize: 2, wireSize: 2 })),
        );
        await harness.send('end');
        for (const { messages } of peers) while ((await messages.take()).data !== 'end');
        assert.deepEqual(
          heard(peers),
          peers.map((_, i) => (expected.includes(i) ? ['hi', 'end'] : ['end'])),
        );
      });
    }

    it('with nobody connected has no status', async () => assert.deepEqual(await (await server().open()).send('hi'), []));

    it('one broken connection is one failure among the statuses', async () => {
      const { harness, peers } = await withClients(['/1', '/2', '/3'], { maxBufferedAmount: 0 });
      const slow = await rawClient(harness.port, { path: '/slow' });
      await harness.next('Open');
      slow.socket.pause();
      const sending = harness.send(Buffer.alloc(12_000_000));
      for (const { messages } of peers) assert.equal((await messages.take()).data.length, 12_000_000);
      slow.socket.resetAndDestroy();
      const statuses = await sending;
      assert.deepEqual(
        statuses.map(({ uri, success, payloadSize, wireSize }) => [uri, success, payloadSize, wireSize]),
        [
          ['/1', true, 12_000_000, 12_000_000],
          ['/2', true, 12_000_000, 12_000_000],
          ['/3', true, 12_000_000, 12_000_000],
          ['/slow', false, 0, 0],
        ],
      );
      assert.match(statuses[3]?.errorStr ?? '', /^The message was not sent: .+\.$/);
      assert.equal(statuses[3]?.compressionError, false);
    });

    it('keeps nobody waiting for one that reads slowly', async () => {
      const { harness, peers } = await withClients(['/fast'], { maxBufferedAmount: 0 });
      const slow = await rawClient(harness.port, { path: '/slow' });
      await harness.next('Open');
      slow.socket.pause();
      const sending = [harness.send(Buffer.alloc(12_000_000)), harness.send('after')];
      assert.equal((await peers[0]?.messages.take())?.data.length, 12_000_000);
      assert.equal((await peers[0]?.messages.take())?.data, 'after');
      slow.socket.destroy();
      await Promise.all(sending);
    });

    it('reaches one that reads slowly and then catches up as it was, text and bytes, in order', async () => {
      const { harness, peers } = await withClients(['/fast', '/slow'], { maxBufferedAmount: 0 });
      const [fast, slow] = peers as [Peer, Peer];
      slow.ws.pause();
      const texts = Array.from({ length: 600 }, (_, i) => `${i} `.padEnd(10_000 + i, i % 5 === 3 ? 'é' : 'e'));
      const sent = texts.map((text, i) => (i % 7 === 6 ? Buffer.from(text) : text));
      const sending: Promise<ReceiverStatus[]>[] = [];
      for (const message of sent) {
        sending.push(harness.send(message));
        // Each has its own write.
        await new Promise(setImmediate);
      }
      slow.ws.resume();
      for (const { messages } of [fast, slow]) {
        for (const [i, message] of sent.entries()) {
          const { data } = await messages.take();
          assert.ok(Buffer.isBuffer(message) ? message.equals(data as Buffer) : data === message, `message ${i}`);
        }
      }
      const sizes = sent.map((message) => Buffer.byteLength(message));
      for (const [i, statuses] of (await Promise.all(sending)).entries()) {
        for (const { payloadSize, wireSize } of statuses) assert.deepEqual([payloadSize, wireSize], [sizes[i], sizes[i]]);
      }
    });
  });

  describe('tag', () => {
    it('answers how many connections were meant', async () => {
      const { harness, names } = await withClients(['/a', '/b', '/a']);
      assert.equal(harness.socket.tag({ uri: ['/a'] }, { add: ['x', 'y'] }), 2);
      assert.equal(harness.socket.tag({ client: [names[1] ?? '', 'nobody'] }, { add: ['y'] }), 1);
      assert.equal(harness.socket.tag({}, { remove: ['x'] }), 3);
      assert.deepEqual(
        harness.socket.info().connections.map(({ tags }) => tags),
        [['y'], ['y'], ['y']],
      );
    });

    it('ends with the connection: who comes back is new', async () => {
      const { harness, peers } = await withClients(['/a', '/a']);
      harness.socket.tag({}, { add: ['x'] });
      peers[0]?.ws.close();
      await harness.next('Close');
      await wsClient(harness.url('/a'));
      await harness.next('Open');
      assert.deepEqual(
        harness.socket.info().connections.map(({ tags }) => tags),
        [['x'], []],
      );
      assert.equal((await harness.send('x', { tag: ['x'] })).length, 1);
    });

    it('ends with a stop too', async () => {
      const { harness } = await withClients(['/a']);
      harness.socket.tag({}, { add: ['x'] });
      await harness.stop();
      assert.equal(harness.socket.tag({ tag: ['x'] }, { add: ['y'] }), 0);
    });
  });

  describe('disconnect', () => {
    it('closes the selected connections with code and reason, and reports a Close for each before it answers', async () => {
      const { harness, peers, names } = await withClients(['/a', '/b', '/a']);
      assert.equal(await harness.disconnect({ uri: ['/a'] }, 4001, 'enough'), 2);
      assert.deepEqual(harness.names.slice(3), ['Close', 'Close']);
      for (const peer of [peers[0], peers[2]]) assert.deepEqual(await peer?.closes.take(), { code: 4001, reason: 'enough' });
      const { client, ...rest } = await harness.next('Close');
      assert.deepEqual([rest.code, rest.reason, rest.remote], [4001, 'enough', false]);
      assert.deepEqual([client, (await harness.next('Close')).client].sort(), [names[0], names[2]].sort());
    });

    it('leaves the others and the listening as they are', async () => {
      const { harness, peers, names } = await withClients(['/a', '/b']);
      assert.equal(await harness.disconnect({ client: [names[0] ?? ''] }), 1);
      await harness.send('still here');
      assert.equal((await peers[1]?.messages.take())?.data, 'still here');
      await wsClient(harness.url('/c'));
      assert.deepEqual(harness.socket.info().clients, ['/b', '/c']);
      assert.equal(harness.socket.state, 'open');
    });

    it('of nobody is none', async () => {
      const { harness } = await withClients(['/a']);
      assert.equal(await harness.disconnect({ client: ['nobody'] }), 0);
      assert.equal(await harness.disconnect({ tag: ['none'] }), 0);
      assert.equal(await server().disconnect({}), 0);
      assert.deepEqual(harness.names, ['Open']);
    });

    it('comes after what was sent before', async () => {
      const { harness, peers } = await withClients(['/a']);
      const sending = harness.send('goodbye');
      const closing = harness.disconnect({});
      assert.equal((await peers[0]?.messages.take())?.data, 'goodbye');
      assert.equal((await sending)[0]?.success, true);
      assert.equal(await closing, 1);
    });

    it('twice counts once, and both wait for the end', async () => {
      const harness = await server().open();
      await wsClient(harness.url());
      await until(() => harness.names.length === 1, 'the Open');
      const first = harness.disconnect({}, 4001, 'first');
      assert.equal(await harness.disconnect({}, 4002, 'second'), 0);
      assert.deepEqual(harness.names, ['Open', 'Close']);
      assert.equal(await first, 1);
      await harness.next('Open');
      assert.equal((await harness.next('Close')).code, 4001);
    });

    it('answers within a second with many who do not answer', async () => {
      const harness = await server().open();
      for (let i = 0; i < 20; i++) await rawClient(harness.port);
      const before = performance.now();
      assert.equal(await harness.disconnect({}), 20);
      const took = performance.now() - before;
      assert.equal(took >= 290 && took < 900, true, `it took ${took} ms`);
    });
  });

  describe('stop', () => {
    it('closes every connection with 1000, Normal closure, and reports a Close for each', async () => {
      const { harness, peers, names } = await withClients(['/1', '/2']);
      await harness.stop();
      for (const { closes } of peers) assert.deepEqual(await closes.take(), { code: 1000, reason: 'Normal closure' });
      const closes = [await harness.next('Close'), await harness.next('Close')];
      assert.deepEqual(
        closes.map(({ code, reason, remote }) => [code, reason, remote]),
        [
          [1000, 'Normal closure', false],
          [1000, 'Normal closure', false],
        ],
      );
      assert.deepEqual(closes.map(({ client }) => client).sort(), [...names].sort());
      assert.equal(harness.events.isEmpty, true);
    });

    it('takes a code and a reason', async () => {
      const { harness, peers } = await withClients(['/']);
      await harness.stop(1012, 'restart');
      assert.deepEqual(await peers[0]?.closes.take(), { code: 1012, reason: 'restart' });
      const { code, reason } = await harness.next('Close');
      assert.deepEqual([code, reason], [1012, 'restart']);
    });

    it('emits each Close before it answers', async () => {
      const { harness } = await withClients(['/', '/']);
      await harness.stop();
      assert.deepEqual(harness.names, ['Open', 'Open', 'Close', 'Close']);
    });

    it('answers within a second with many deaf connections, and leaves the port free', async () => {
      const harness = await server().open();
      for (let i = 0; i < 20; i++) await rawClient(harness.port);
      const before = performance.now();
      await harness.stop();
      const took = performance.now() - before;
      assert.equal(took >= 290 && took < 900, true, `it took ${took} ms`);
      assert.equal((await server({ port: harness.port }).start()).success, true);
    });

    it('drops who is still in the handshake, without an event, and is not held up by it', async () => {
      const harness = await server().open();
      const half = await tcpClient(harness.port);
      half.write('GET / HTTP/1.1\r\nHost: x\r\n');
      const ended = new Promise((resolve) => half.resume().once('close', resolve));
      await wsClient(harness.url());
      await harness.next('Open');
      await harness.stop();
      await ended;
      await harness.next('Close');
      assert.equal(harness.events.isEmpty, true);
    });

    it('accepts no further connections', async () => {
      const { harness } = await withClients(['/']);
      const stopping = harness.stop();
      await assert.rejects(wsClient(harness.url()));
      await stopping;
    });

    it('while it begins to listen leaves nothing listening', async () => {
      const port = await closedPort();
      const harness = server({ port });
      const starting = harness.start();
      await harness.stop();
      const { success, errorStr } = await starting;
      assert.equal(success, false);
      assert.match(errorStr ?? '', /stopped before it listened/);
      assert.equal((await server({ port }).start()).success, true);
    });

    it('answers within a second while a name server keeps the start waiting', async () => {
      stub(dns, 'lookup', (() => new Promise(() => {})) as never);
      const harness = server({ host: 'slow.example' });
      const starting = harness.start();
      await harness.stop();
      const { success, errorStr } = await starting;
      assert.equal(success, false);
      assert.match(errorStr ?? '', /^Could not listen on ws:\/\/slow\.example:0: it was stopped before it listened\.$/);
      assert.equal(harness.socket.state, 'idle');
    });

    it('of a stopped server succeeds and emits nothing', async () => {
      const harness = server();
      await harness.stop();
      assert.deepEqual([harness.socket.state, harness.names, harness.changes], ['idle', [], []]);
    });

    it('twice at once is one stop', async () => {
      const { harness } = await withClients(['/']);
      await Promise.all([harness.stop(4001, 'first'), harness.stop(4002, 'second')]);
      assert.equal((await harness.next('Close')).code, 4001);
      assert.equal(harness.events.isEmpty, true);
    });

    it('and start and stop in one turn end with nothing listening', async () => {
      const port = await closedPort();
      const harness = server({ port });
      const first = harness.stop();
      const starting = harness.start();
      await Promise.all([first, harness.stop()]);
      await starting;
      assert.equal(harness.socket.state, 'idle');
      assert.equal((await server({ port }).start()).success, true);
    });
  });

  describe('clear', () => {
    for (const tls of [false, true]) {
      it(`leaves the port free and no handle${tls ? ', with TLS too' : ''}`, async () => {
        const { certFile, keyFile } = certs().server;
        const handles = () =>
          process
            .getActiveResourcesInfo()
            .filter((name) => /^(TCP|Timeout|TLS|HTTP|Pipe)/.test(name))
            .sort();
        const port = await closedPort();
        const before = handles();
        const harness = await server({ port, tls, certFile, keyFile, pingInterval: 60 }).open();
        const deaf = await rawClient(port, { tls: tls ? { rejectUnauthorized: false } : undefined });
        const silent = await tcpClient(port);
        const gone = [deaf.ended, new Promise((resolve) => silent.once('close', resolve))];
        await harness.next('Open');
        deaf.socket.pause();
        await harness.socket.clear();
        deaf.socket.destroy();
        silent.destroy();
        await within(Promise.all(gone), 'the end of the peers');
        const left = [...new Set(handles())].filter((name) => count(handles(), name) > count(before, name));
        assert.deepEqual(left, []);
        assert.equal((await server({ port }).start()).success, true);
      });
    }

    it('emits the Close of each connection', async () => {
      const { harness } = await withClients(['/']);
      await harness.socket.clear();
      assert.equal((await harness.next('Close')).code, 1000);
      assert.equal(harness.socket.state, 'cleared');
    });

    it('and a start in one turn leave nothing listening', async () => {
      const port = await closedPort();
      const harness = server({ port });
      const clearing = harness.socket.clear();
      const { success } = await harness.start().catch(() => ({ success: false }));
      await clearing;
      assert.equal(success, false);
      assert.equal((await server({ port }).start()).success, true);
    });
  });
});
