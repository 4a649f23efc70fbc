import assert from 'node:assert/strict';

import dns = require('node:dns/promises');

import type { Layer } from '../../../src/options/read';
import type { ReceiverStatus } from '../../../src/server/broadcast';
import type { ConnectionInfo } from '../../../src/server/connection-info';
import { certs } from '../../helpers/certs';
import { closeBody, opcodes } from '../../helpers/frames';
import { closedPort, type Peer, rawClient, tcpClient, tcpServer, wsClient } from '../../helpers/peers';
import { until, within } from '../../helpers/queue';
import { type ServerRig, server } from '../../helpers/sockets';
import { stub, tidy } from '../../helpers/teardown';

/** A server with a connection for each of these request targets, in this order. */
async function withClients(paths: string[], given: Layer = {}): Promise<{ rig: ServerRig; peers: Peer[]; names: string[] }> {
  const rig = await server(given).open();
  const peers: Peer[] = [];
  const names: string[] = [];
  for (const path of paths) {
    peers.push(await wsClient(rig.url(path)));
    names.push((await rig.next('Open')).client ?? '');
  }
  return { rig, peers, names };
}

const count = (names: string[], name: string) => names.filter((one) => one === name).length;

const heard = (peers: Peer[]) => peers.map(({ messages }) => messages.all.map(({ data }) => data));

describe('server', () => {
  afterEach(tidy);

  describe('start', () => {
    it('answers where it really listens', async () => {
      const { port, uri, ...rest } = await server().start();
      assert.deepEqual(rest, { success: true, http_status: 0, headers: {} });
      assert.equal(port > 0 && port < 65536, true, String(port));
      assert.equal(uri, `ws://127.0.0.1:${port}`);
    });

    it('listens on 127.0.0.1 and on nothing else by default', async () => {
      const rig = await server().open();
      await wsClient(rig.url());
      await assert.rejects(tcpClient(rig.port, '127.0.0.2'), { code: 'ECONNREFUSED' });
    });

    it('a port in use is a failure with a sentence, and not a refusal', async () => {
      const port = await tcpServer();
      const rig = server({ port });
      const { errorStr = '', ...rest } = await rig.start();
      assert.deepEqual(rest, { success: false, http_status: 0, headers: {}, uri: '', port: 0 });
      assert.match(
        errorStr,
        new RegExp(`^Could not listen on ws://127\\.0\\.0\\.1:${port}: port ${port} is in use \\(EADDRINUSE\\)\\. Stop what listens there`),
      );
      assert.deepEqual([rig.socket.state, rig.names], ['idle', []]);
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
      const rig = await server().open();
      await assert.rejects(rig.start(), { code: 'ERR_STATE', message: /server -1 is already started \(open\)/ });
      await wsClient(rig.url());
    });

    it('while it begins to listen is refused', async () => {
      const rig = server();
      const starting = rig.start();
      await assert.rejects(rig.start(), { code: 'ERR_STATE', message: /\(connecting\)/ });
      assert.equal((await starting).success, true);
    });

    it('after a clear is refused', async () => {
      const rig = server();
      await rig.socket.clear();
      await assert.rejects(rig.start(), { code: 'ERR_NO_SOCKET', message: /cleared/ });
    });

    it('after a stop listens again, on the same port', async () => {
      const port = await closedPort();
      const rig = server({ port });
      for (let i = 0; i < 3; i++) {
        await rig.open();
        await wsClient(rig.url());
        await rig.next('Open');
        await rig.stop();
        await rig.next('Close');
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
          const rig = server(name === 'addressFamily' ? { host: 'localhost' } : {});
          await assert.rejects(rig.start({ [name]: other }), {
            code: 'ERR_STATE',
            message: new RegExp(`option ${name} of server -1 is fixed`),
          });
          assert.equal(rig.socket.state, 'idle');
        });

        it(`${name} may be repeated by start`, async () => {
          const rig = server(name === 'host' ? { host: same } : {});
          assert.equal((await rig.start({ [name]: same })).success, true);
        });
      }

      it('repeated in another spelling they may be too', async () => {
        assert.equal((await server({ addressFamily: 'IPv4' }).start({ addressFamily: 2, maxConnections: '128' })).success, true);
      });
    });

    it('a changed option stays for the next start', async () => {
      const rig = await server().open({ subProtocols: ['a'] });
      await rig.stop();
      await rig.open();
      assert.equal((await wsClient(rig.url(), ['a'])).ws.protocol, 'a');
    });

    it('a changed option of a start that the world refused stays too', async () => {
      const port = await closedPort();
      const first = await server({ port }).open();
      const rig = server({ port });
      assert.equal((await rig.start({ subProtocols: ['a'] })).success, false);
      await first.stop();
      await rig.open();
      assert.equal((await wsClient(rig.url(), ['a'])).ws.protocol, 'a');
    });

    const bad: [string, Layer][] = [
      ['of the wrong type', { maxPayload: 'much' }],
      ['out of range', { pingInterval: -1 }],
      ['a certificate that is missing', { tls: true, certFile: '/nowhere/cert.pem', keyFile: '/nowhere/key.pem' }],
      ['tls without a certificate', { tls: true }],
    ];
    for (const [title, given] of bad) {
      it(`with a bad option (${title}) leaves the server as it was`, async () => {
        const rig = server({ subProtocols: ['a'] });
        await assert.rejects(rig.start({ subProtocols: ['b'], ...given }), { code: 'ERR_OPTION' });
        assert.deepEqual([rig.socket.state, rig.names], ['idle', []]);
        assert.match((await rig.open()).url(), /^ws:/);
        assert.equal((await wsClient(rig.url(), ['a'])).ws.protocol, 'a');
      });
    }

    it('reads the options of the config node, and so the environment, anew', async () => {
      let base: Layer = { port: 0, subProtocols: ['a'] };
      const rig = await server({}, () => base).open();
      assert.equal((await wsClient(rig.url(), ['a'])).ws.protocol, 'a');
      await rig.stop();
      base = { port: 0, subProtocols: ['b'] };
      await rig.open();
      assert.equal((await wsClient(rig.url(), ['b'])).ws.protocol, 'b');
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
    it('is told by Open with its request', async () => {
      const rig = await server({ subProtocols: ['a'] }).open();
      const { head, socket } = await rawClient(rig.port, { path: '/a%20b?x=1', headers: ['X-oDD: Value', 'Sec-WebSocket-Protocol: a'] });
      const { headers, client, ...rest } = await rig.next('Open');
      assert.deepEqual(rest, { uri: '/a%20b?x=1', protocol: 'a', remoteIp: '127.0.0.1', remotePort: socket.localPort });
      assert.deepEqual(
        [headers['X-oDD'], headers.Upgrade, headers['Sec-WebSocket-Version'], headers['sec-websocket-extensions']],
        ['Value', 'websocket', '13', undefined],
      );
      assert.equal(typeof client, 'string');
      assert.equal(head.headers['sec-websocket-protocol'], 'a');
    });

    it('is named in its messages and its Close too', async () => {
      const rig = await server().open();
      const peer = await rawClient(rig.port, { path: '/p' });
      const { client } = await rig.next('Open');
      const origin = { uri: '/p', remoteIp: '127.0.0.1', remotePort: peer.socket.localPort, client };
      peer.send(opcodes.text, 'hi');
      assert.deepEqual(await rig.next('Message'), { str: 'hi', binary: false, wireSize: 2, ...origin });
      peer.send(opcodes.close, closeBody(1001, 'away'));
      await peer.close();
      peer.socket.destroy();
      assert.deepEqual(await rig.next('Close'), { code: 1001, reason: 'away', remote: true, ...origin });
    });

    it('has a name that is never used again, not by another server either', async () => {
      const { names, rig } = await withClients(['/', '/', '/']);
      const other = await withClients(['/', '/']);
      await rig.stop();
      await rig.open();
      await wsClient(rig.url());
      const later = rig.events.all.filter(({ type }) => type === 1).map(({ payload }) => (payload as { client: string }).client);
      assert.equal(new Set([...later, ...names, ...other.names]).size, 6);
    });

    it('from an IPv4-mapped address is shown as IPv4', async function () {
      const rig = server({ host: '::', addressFamily: 6 });
      const { success, port, errorStr = '' } = await rig.start();
      if (!success && /EADDRNOTAVAIL|EAFNOSUPPORT/.test(errorStr)) return this.skip(); // No IPv6 on this machine.
      await wsClient(`ws://127.0.0.1:${port}/`);
      assert.equal((await rig.next('Open')).remoteIp, '127.0.0.1');
      assert.equal(rig.socket.info().connections[0]?.remoteIp, '127.0.0.1');
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
        const rig = await server({ subProtocols }).open();
        const { head } = await rawClient(rig.port, { headers: offer ? [`Sec-WebSocket-Protocol: ${offer}`] : [] });
        assert.equal(head.headers['sec-websocket-protocol'], answer);
        assert.equal((await rig.next('Open')).protocol, answer ?? '');
      });
    }
  });

  describe('information', () => {
    it('has the open connections in the order of connection, same targets twice', async () => {
      const { rig, peers, names } = await withClients(['/b', '/a?x', '/b']);
      const { clients, connections } = rig.socket.info();
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
      await rig.next('Close');
      assert.deepEqual(rig.socket.info().clients, ['/a?x', '/b']);
    });

    it('says of each connection all there is', async () => {
      const before = Date.now();
      const rig = await server({ subProtocols: ['a'] }).open();
      const { socket } = await rawClient(rig.port, { path: '/p?q=1', headers: ['X-A: b', 'Sec-WebSocket-Protocol: a'] });
      const { client } = await rig.next('Open');
      const [one] = rig.socket.info().connections;
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
        const rig = await server().open();
        const peer = await wsClient(rig.url('/a'), [], { perMessageDeflate });
        await wsClient(rig.url('/b'), [], { perMessageDeflate });
        const { client = '' } = await rig.next('Open');
        await rig.next('Open');
        for (const data of ['é'.repeat(2000), Buffer.alloc(3000), '']) {
          peer.ws.send(data);
          await rig.next('Message');
        }
        assert.equal((await rig.send('é'.repeat(500), { client: [client] }))[0]?.success, true);
        assert.equal((await rig.send('all', {})).length, 2);
        const counted = rig.socket
          .info()
          .connections.map(({ messagesIn, bytesIn, messagesOut, bytesOut }) => [messagesIn, bytesIn, messagesOut, bytesOut]);
        assert.deepEqual(counted, [
          [3, 7000, 2, 1003],
          [0, 0, 1, 3],
        ]);
      });
    }

    it('counts no message that was refused because the peer reads too slowly', async () => {
      const rig = await server({ maxBufferedAmount: 1000 }).open();
      const slow = await rawClient(rig.port);
      await rig.next('Open');
      slow.socket.pause();
      const sending = rig.send(Buffer.alloc(12_000_000));
      const [refused] = await rig.send('more');
      assert.equal(refused?.success, false);
      const [{ messagesOut, bytesOut, bufferedAmount } = {}] = rig.socket.info().connections as Partial<ConnectionInfo>[];
      assert.deepEqual([messagesOut, bytesOut], [1, 12_000_000]);
      assert.equal((bufferedAmount ?? 0) > 1000, true, `${bufferedAmount} bytes wait`);
      slow.socket.destroy();
      await sending;
    });

    it('has the last round trip, once a ping was answered', async () => {
      const rig = await server({ pingInterval: 60 }).open();
      const deaf = await rawClient(rig.port);
      await rig.next('Open');
      await deaf.frames.take('a ping');
      assert.equal('roundTrip' in (rig.socket.info().connections[0] ?? {}), false);
      await wsClient(rig.url());
      await rig.next('Open');
      const roundTrip = () => rig.socket.info().connections[1]?.roundTrip;
      await until(() => roundTrip() !== undefined, 'a pong');
      assert.equal((roundTrip() ?? -1) >= 0 && (roundTrip() ?? 9999) < 4000, true, `it took ${roundTrip()} ms`);
    });

    it('may be about some', async () => {
      const { rig, names } = await withClients(['/a', '/b', '/a']);
      rig.socket.tag({ client: [names[1] ?? ''] }, { add: ['x'] });
      assert.deepEqual(rig.socket.info({ uri: ['/a'] }).clients, ['/a', '/a']);
      assert.deepEqual(rig.socket.info({ tag: ['x'] }).connections[0]?.client, names[1]);
      assert.deepEqual(rig.socket.info({ client: ['nobody'] }), { clients: [], connections: [] });
    });

    it('has no connection that is still in its handshake', async () => {
      const rig = await server().open();
      await tcpClient(rig.port);
      await wsClient(rig.url('/open'));
      await rig.next('Open');
      assert.deepEqual(rig.socket.info().clients, ['/open']);
    });

    it('is a copy: what a flow does to it changes nothing', async () => {
      const { rig } = await withClients(['/']);
      const { connections } = rig.socket.info();
      if (connections[0]) connections[0].headers.Host = 'changed';
      connections[0]?.tags.push('changed');
      connections.pop();
      assert.deepEqual(rig.socket.info().connections[0]?.tags, []);
      assert.equal(rig.socket.info().connections[0]?.headers.Host, `127.0.0.1:${rig.port}`);
    });

    it('is empty before the start and after the stop', async () => {
      const { rig } = await withClients(['/']);
      await rig.stop();
      assert.deepEqual(
        [rig.socket.info(), server().socket.info()],
        [
          { clients: [], connections: [] },
          { clients: [], connections: [] },
        ],
      );
    });

    it('the number of connections is told with every change', async () => {
      const { rig, peers } = await withClients(['/', '/']);
      peers[0]?.ws.close();
      await rig.next('Close');
      await rig.stop();
      assert.deepEqual(
        rig.changes.map(({ state, connections }) => [state, connections]),
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
    const rows: [string, (names: string[]) => Parameters<ServerRig['send']>[1], number[]][] = [
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
        const { rig, peers, names } = await withClients(paths);
        rig.socket.tag({ client: [names[3] ?? '', names[0] ?? ''] }, { add: ['x'] });
        rig.socket.tag({ client: [names[2] ?? '', names[0] ?? ''] }, { add: ['y'] });
        const statuses = await rig.send('hi', to(names));
        assert.deepEqual(
          statuses,
          expected.map((i) => ({ uri: paths[i], client: names[i], success: true, compressionError: false, payloadSize: 2, wireSize: 2 })),
        );
        await rig.send('end');
        for (const { messages } of peers) while ((await messages.take()).data !== 'end');
        assert.deepEqual(
          heard(peers),
          peers.map((_, i) => (expected.includes(i) ? ['hi', 'end'] : ['end'])),
        );
      });
    }

    it('with nobody connected has no status', async () => assert.deepEqual(await (await server().open()).send('hi'), []));

    it('one broken connection is one failure among the statuses', async () => {
      const { rig, peers } = await withClients(['/1', '/2', '/3'], { maxBufferedAmount: 0 });
      const slow = await rawClient(rig.port, { path: '/slow' });
      await rig.next('Open');
      slow.socket.pause();
      const sending = rig.send(Buffer.alloc(12_000_000));
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
      const { rig, peers } = await withClients(['/fast'], { maxBufferedAmount: 0 });
      const slow = await rawClient(rig.port, { path: '/slow' });
      await rig.next('Open');
      slow.socket.pause();
      const sending = [rig.send(Buffer.alloc(12_000_000)), rig.send('after')];
      assert.equal((await peers[0]?.messages.take())?.data.length, 12_000_000);
      assert.equal((await peers[0]?.messages.take())?.data, 'after');
      slow.socket.destroy();
      await Promise.all(sending);
    });

    it('reaches one that reads slowly and then catches up as it was, text and bytes, in order', async () => {
      const { rig, peers } = await withClients(['/fast', '/slow'], { maxBufferedAmount: 0 });
      const [fast, slow] = peers as [Peer, Peer];
      slow.ws.pause();
      const texts = Array.from({ length: 600 }, (_, i) => `${i} `.padEnd(10_000 + i, i % 5 === 3 ? 'é' : 'e'));
      const sent = texts.map((text, i) => (i % 7 === 6 ? Buffer.from(text) : text));
      const sending: Promise<ReceiverStatus[]>[] = [];
      for (const message of sent) {
        sending.push(rig.send(message));
        // Each leaves in a write of its own.
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
      const { rig, names } = await withClients(['/a', '/b', '/a']);
      assert.equal(rig.socket.tag({ uri: ['/a'] }, { add: ['x', 'y'] }), 2);
      assert.equal(rig.socket.tag({ client: [names[1] ?? '', 'nobody'] }, { add: ['y'] }), 1);
      assert.equal(rig.socket.tag({}, { remove: ['x'] }), 3);
      assert.deepEqual(
        rig.socket.info().connections.map(({ tags }) => tags),
        [['y'], ['y'], ['y']],
      );
    });

    it('ends with the connection: who comes back is new', async () => {
      const { rig, peers } = await withClients(['/a', '/a']);
      rig.socket.tag({}, { add: ['x'] });
      peers[0]?.ws.close();
      await rig.next('Close');
      await wsClient(rig.url('/a'));
      await rig.next('Open');
      assert.deepEqual(
        rig.socket.info().connections.map(({ tags }) => tags),
        [['x'], []],
      );
      assert.equal((await rig.send('x', { tag: ['x'] })).length, 1);
    });

    it('ends with a stop too', async () => {
      const { rig } = await withClients(['/a']);
      rig.socket.tag({}, { add: ['x'] });
      await rig.stop();
      assert.equal(rig.socket.tag({ tag: ['x'] }, { add: ['y'] }), 0);
    });
  });

  describe('disconnect', () => {
    it('closes who is meant, with code and reason, and tells a Close for each before it answers', async () => {
      const { rig, peers, names } = await withClients(['/a', '/b', '/a']);
      assert.equal(await rig.disconnect({ uri: ['/a'] }, 4001, 'enough'), 2);
      assert.deepEqual(rig.names.slice(3), ['Close', 'Close']);
      for (const peer of [peers[0], peers[2]]) assert.deepEqual(await peer?.closes.take(), { code: 4001, reason: 'enough' });
      const { client, ...rest } = await rig.next('Close');
      assert.deepEqual([rest.code, rest.reason, rest.remote], [4001, 'enough', false]);
      assert.deepEqual([client, (await rig.next('Close')).client].sort(), [names[0], names[2]].sort());
    });

    it('leaves the others and the listening as they are', async () => {
      const { rig, peers, names } = await withClients(['/a', '/b']);
      assert.equal(await rig.disconnect({ client: [names[0] ?? ''] }), 1);
      await rig.send('still here');
      assert.equal((await peers[1]?.messages.take())?.data, 'still here');
      await wsClient(rig.url('/c'));
      assert.deepEqual(rig.socket.info().clients, ['/b', '/c']);
      assert.equal(rig.socket.state, 'open');
    });

    it('of nobody is none', async () => {
      const { rig } = await withClients(['/a']);
      assert.equal(await rig.disconnect({ client: ['nobody'] }), 0);
      assert.equal(await rig.disconnect({ tag: ['none'] }), 0);
      assert.equal(await server().disconnect({}), 0);
      assert.deepEqual(rig.names, ['Open']);
    });

    it('comes after what was sent before', async () => {
      const { rig, peers } = await withClients(['/a']);
      const sending = rig.send('goodbye');
      const closing = rig.disconnect({});
      assert.equal((await peers[0]?.messages.take())?.data, 'goodbye');
      assert.equal((await sending)[0]?.success, true);
      assert.equal(await closing, 1);
    });

    it('twice counts once, and both wait for the end', async () => {
      const rig = await server().open();
      await wsClient(rig.url());
      await until(() => rig.names.length === 1, 'the Open');
      const first = rig.disconnect({}, 4001, 'first');
      assert.equal(await rig.disconnect({}, 4002, 'second'), 0);
      assert.deepEqual(rig.names, ['Open', 'Close']);
      assert.equal(await first, 1);
      await rig.next('Open');
      assert.equal((await rig.next('Close')).code, 4001);
    });

    it('answers within a second with many who do not answer', async () => {
      const rig = await server().open();
      for (let i = 0; i < 20; i++) await rawClient(rig.port);
      const before = performance.now();
      assert.equal(await rig.disconnect({}), 20);
      const took = performance.now() - before;
      assert.equal(took >= 290 && took < 900, true, `it took ${took} ms`);
    });
  });

  describe('stop', () => {
    it('closes every connection with 1000, Normal closure, and tells a Close for each', async () => {
      const { rig, peers, names } = await withClients(['/1', '/2']);
      await rig.stop();
      for (const { closes } of peers) assert.deepEqual(await closes.take(), { code: 1000, reason: 'Normal closure' });
      const closes = [await rig.next('Close'), await rig.next('Close')];
      assert.deepEqual(
        closes.map(({ code, reason, remote }) => [code, reason, remote]),
        [
          [1000, 'Normal closure', false],
          [1000, 'Normal closure', false],
        ],
      );
      assert.deepEqual(closes.map(({ client }) => client).sort(), [...names].sort());
      assert.equal(rig.events.isEmpty, true);
    });

    it('takes a code and a reason', async () => {
      const { rig, peers } = await withClients(['/']);
      await rig.stop(1012, 'restart');
      assert.deepEqual(await peers[0]?.closes.take(), { code: 1012, reason: 'restart' });
      const { code, reason } = await rig.next('Close');
      assert.deepEqual([code, reason], [1012, 'restart']);
    });

    it('emits each Close before it answers', async () => {
      const { rig } = await withClients(['/', '/']);
      await rig.stop();
      assert.deepEqual(rig.names, ['Open', 'Open', 'Close', 'Close']);
    });

    it('answers within a second with many deaf connections, and leaves the port free', async () => {
      const rig = await server().open();
      for (let i = 0; i < 20; i++) await rawClient(rig.port);
      const before = performance.now();
      await rig.stop();
      const took = performance.now() - before;
      assert.equal(took >= 290 && took < 900, true, `it took ${took} ms`);
      assert.equal((await server({ port: rig.port }).start()).success, true);
    });

    it('drops who is still in the handshake, without an event, and is not held up by it', async () => {
      const rig = await server().open();
      const half = await tcpClient(rig.port);
      half.write('GET / HTTP/1.1\r\nHost: x\r\n');
      const ended = new Promise((resolve) => half.resume().once('close', resolve));
      await wsClient(rig.url());
      await rig.next('Open');
      await rig.stop();
      await ended;
      await rig.next('Close');
      assert.equal(rig.events.isEmpty, true);
    });

    it('lets nobody in any more', async () => {
      const { rig } = await withClients(['/']);
      const stopping = rig.stop();
      await assert.rejects(wsClient(rig.url()));
      await stopping;
    });

    it('while it begins to listen leaves nothing listening', async () => {
      const port = await closedPort();
      const rig = server({ port });
      const starting = rig.start();
      await rig.stop();
      const { success, errorStr } = await starting;
      assert.equal(success, false);
      assert.match(errorStr ?? '', /stopped before it listened/);
      assert.equal((await server({ port }).start()).success, true);
    });

    it('answers within a second while a name server keeps the start waiting', async () => {
      stub(dns, 'lookup', (() => new Promise(() => {})) as never);
      const rig = server({ host: 'slow.example' });
      const starting = rig.start();
      await rig.stop();
      const { success, errorStr } = await starting;
      assert.equal(success, false);
      assert.match(errorStr ?? '', /^Could not listen on ws:\/\/slow\.example:0: it was stopped before it listened\.$/);
      assert.equal(rig.socket.state, 'idle');
    });

    it('of a stopped server succeeds and emits nothing', async () => {
      const rig = server();
      await rig.stop();
      assert.deepEqual([rig.socket.state, rig.names, rig.changes], ['idle', [], []]);
    });

    it('twice at once is one stop', async () => {
      const { rig } = await withClients(['/']);
      await Promise.all([rig.stop(4001, 'first'), rig.stop(4002, 'second')]);
      assert.equal((await rig.next('Close')).code, 4001);
      assert.equal(rig.events.isEmpty, true);
    });

    it('and start and stop in one turn end with nothing listening', async () => {
      const port = await closedPort();
      const rig = server({ port });
      const first = rig.stop();
      const starting = rig.start();
      await Promise.all([first, rig.stop()]);
      await starting;
      assert.equal(rig.socket.state, 'idle');
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
        const rig = await server({ port, tls, certFile, keyFile, pingInterval: 60 }).open();
        const deaf = await rawClient(port, { tls: tls ? { rejectUnauthorized: false } : undefined });
        const silent = await tcpClient(port);
        const gone = [deaf.ended, new Promise((resolve) => silent.once('close', resolve))];
        await rig.next('Open');
        deaf.socket.pause();
        await rig.socket.clear();
        deaf.socket.destroy();
        silent.destroy();
        await within(Promise.all(gone), 'the end of the peers');
        const left = [...new Set(handles())].filter((name) => count(handles(), name) > count(before, name));
        assert.deepEqual(left, []);
        assert.equal((await server({ port }).start()).success, true);
      });
    }

    it('emits the Close of each connection', async () => {
      const { rig } = await withClients(['/']);
      await rig.socket.clear();
      assert.equal((await rig.next('Close')).code, 1000);
      assert.equal(rig.socket.state, 'cleared');
    });

    it('and a start in one turn leave nothing listening', async () => {
      const port = await closedPort();
      const rig = server({ port });
      const clearing = rig.socket.clear();
      const { success } = await rig.start().catch(() => ({ success: false }));
      await clearing;
      assert.equal(success, false);
      assert.equal((await server({ port }).start()).success, true);
    });
  });
});
