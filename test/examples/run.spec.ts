import assert from 'node:assert/strict';
import { teardown } from '../helpers/teardown';
import { ExamplesHarness } from './harness';
import { Peer } from './peer';

describe('the examples, all deployed together in a real Node-RED', function () {
  this.timeout(40_000);
  let harness: ExamplesHarness;
  const connect = (port: number, path = '/') => Peer.connect(`ws://127.0.0.1:${harness.port(port)}${path}`);
  before(async () => {
    harness = await ExamplesHarness.open();
  });
  after(() => harness?.close());
  afterEach(teardown);

  describe('01 - Echo server and client', () => {
    it('shows no error when it starts', async () => {
      assert.equal((await harness.reads('ix01-open')).event, 'Open');
      assert.ok(harness.showsNothing('ix01-error'));
    });

    it('greets each client, and echoes every message', async () => {
      const peer = await connect(8101);
      assert.equal(await peer.hears(), 'Welcome! I echo what you send.');
      peer.send('some text');
      assert.equal(await peer.hears(), 'some text');
    });

    it('has a button to say hello', async () => {
      await harness.press('ix01-inject');
      assert.equal((await harness.reads('ix01-status')).success, true);
      const { event, payload } = await harness.readsUntil('ix01-message', (shown) => !shown.payload.str.startsWith('Welcome'));
      assert.deepEqual([event, payload.str], ['Message', 'Hello from Node-RED']);
    });

    it('shows Close, Error and Open when the server is stopped and started', async () => {
      await harness.press('ix01-inject-stop');
      assert.equal((await harness.reads('ix01-close')).payload.code, 1000);
      assert.equal((await harness.reads('ix01-error')).payload.retries, 1);
      await harness.press('ix01-inject-start');
      assert.equal((await harness.reads('ix01-open')).event, 'Open');
    });
  });

  describe('02 - Client with events', () => {
    it('does not connect by itself, and says so when something is sent', async () => {
      await harness.press('ix02-inject-text');
      const { success, errorStr } = await harness.reads('ix02-answers');
      assert.deepEqual([success, typeof errorStr], [false, 'string']);
    });

    it('connects, sends, receives, and disconnects with a code', async () => {
      await harness.press('ix02-inject-start');
      const { success, http_status } = await harness.reads('ix02-answers');
      assert.deepEqual([success, http_status], [true, 101]);
      assert.equal((await harness.reads('ix02-open')).event, 'Open');

      await harness.press('ix02-inject-text');
      assert.equal((await harness.reads('ix02-answers')).payloadSize, 5);
      assert.equal((await harness.reads('ix02-message')).payload.str, 'Hello');
      await harness.press('ix02-inject-object');
      assert.equal((await harness.reads('ix02-answers')).success, true);
      assert.equal((await harness.reads('ix02-message')).payload.str, '{"celsius":21.5}');

      await harness.press('ix02-inject-stop');
      assert.equal((await harness.reads('ix02-answers')).readyState, 'closed');
      const { code, reason } = (await harness.reads('ix02-close')).payload;
      assert.deepEqual([code, reason], [4000, 'That will do']);
    });
  });

  describe('03 - Broadcast chat', () => {
    it('sends to everyone but the sender', async () => {
      const cleo = await connect(8103, '/Cleo');
      assert.equal(await harness.readsUntil('ix03-reads-ann', (text) => text.startsWith('Cleo')), 'Cleo came in');
      await harness.press('ix03-inject-ann');
      assert.equal(await cleo.hears(), 'Ann: Hello');
      assert.equal(await harness.readsUntil('ix03-reads-bob', (text) => text.startsWith('Ann:')), 'Ann: Hello');
      cleo.send('Good day');
      assert.equal(await harness.reads('ix03-reads-ann'), 'Cleo: Good day', 'the next that Ann reads is not what she said');
      assert.equal(await harness.readsUntil('ix03-reads-bob', (text) => text.startsWith('Cleo:')), 'Cleo: Good day');
    });

    it('says who comes and goes', async () => {
      const cleo = await connect(8103, '/Cleo');
      const dora = await connect(8103, '/Dora');
      assert.equal(await cleo.hears((text) => text.startsWith('Dora')), 'Dora came in');
      dora.leave();
      assert.equal(await cleo.hears((text) => text.startsWith('Dora')), 'Dora left');
    });
  });

  describe('04 - Dashboard page', () => {
    it('serves a page that connects to the server', async () => {
      const answer = await fetch(`${harness.url}/ix-dashboard`);
      assert.match(answer.headers.get('content-type') ?? '', /^text\/html/);
      assert.match(await answer.text(), new RegExp(`:${harness.port(8104)}/`));
    });

    it('sends the temperature and the lamp to every page', async () => {
      const [one, other] = [await connect(8104), await connect(8104)];
      for (const peer of [one, other]) {
        const { celsius } = await peer.hearsJson((news) => 'celsius' in news);
        assert.ok(celsius >= 18 && celsius <= 26, celsius);
      }
      one.send('{"lamp":true}');
      for (const peer of [one, other]) await peer.hearsJson(({ lamp }) => lamp === true);
      assert.deepEqual(JSON.parse(await (await connect(8104)).hears()), { lamp: true });
      one.send('{"lamp":["anything else"]}');
      await other.hearsJson(({ lamp }) => lamp === false);
    });

    it('shows what is not JSON as an error', async () => {
      (await connect(8104)).send('on');
      assert.match((await harness.reads('ix04-errors')).reason, /not JSON/);
    });
  });

  describe('05 - TLS with certificates', () => {
    it('creates a certificate, which is trusted by a client that is configured to', async () => {
      await harness.press('ix05-make');
      const started = await harness.reads('ix05-listening', 30_000);
      assert.deepEqual([started.success, started.uri], [true, `wss://127.0.0.1:${harness.port(8105)}`]);

      await harness.press('ix05-distrust');
      const refused = await harness.reads('ix05-answers');
      assert.equal(refused.success, false);
      assert.match(refused.errorStr, /certificate/);

      await harness.press('ix05-trust');
      assert.equal((await harness.reads('ix05-answers')).http_status, 101);
      await harness.press('ix05-hello');
      assert.equal((await harness.reads('ix05-answers')).success, true);
      assert.equal(await harness.reads('ix05-message'), 'Hello over TLS');
      await harness.press('ix05-disconnect');
      assert.equal((await harness.reads('ix05-answers')).readyState, 'closed');
    });
  });

  describe('06 - Reconnection made visible', () => {
    it('describes in words how a client loses its server and reconnects', async () => {
      await harness.press('ix06-inject-stop');
      const told = [];
      while (told.at(-1) !== 'try 2 failed, again in 1000 ms') told.push(await harness.reads('ix06-state'));
      assert.deepEqual(
        told.filter((text) => text !== 'connected'),
        ['closed: 1001 Away for a while', 'try 1 failed, again in 500 ms', 'try 2 failed, again in 1000 ms'],
      );
      assert.equal((await harness.reads('ix06-answers')).success, true);
      await harness.press('ix06-inject-send');
      assert.equal((await harness.reads('ix06-sent')).success, false);

      await harness.press('ix06-inject-start');
      assert.equal((await harness.reads('ix06-answers')).success, true);
      await harness.readsUntil('ix06-state', (text) => text === 'connected');
      await harness.press('ix06-inject-send');
      assert.equal((await harness.reads('ix06-sent')).success, true);
    });
  });

  describe('07 - Telemetry to subscribers', () => {
    it('sends what is hot from /in to those on /alarms', async () => {
      const sensor = await connect(8107, '/in');
      const subscriber = await connect(8107, '/alarms');
      for (const celsius of [29.9, 30, -4, 35.5]) sensor.send(JSON.stringify({ device: 'oven', celsius }));
      const isOurs = ({ device }: { device: string }) => device === 'oven';
      assert.equal((await subscriber.hearsJson(isOurs)).celsius, 30);
      assert.equal((await subscriber.hearsJson(isOurs)).celsius, 35.5);
      assert.equal((await harness.readsUntil('ix07-show', isOurs)).celsius, 30);

      subscriber.send(JSON.stringify({ device: 'oven', celsius: 99 })); // Not on /in.
      sensor.send('hot!');
      assert.equal((await harness.reads('ix07-errors')).str, 'hot!');
      sensor.send(JSON.stringify({ device: 'oven', celsius: 40 }));
      assert.equal((await subscriber.hearsJson(isOurs)).celsius, 40);
    });
  });

  describe('08 - Bridge between two sockets', () => {
    it('takes messages to the far side, and the answers back to everyone here', async () => {
      const peer = await connect(8108);
      await harness.press('ix08-inject');
      assert.equal(await harness.reads('ix08-reads'), 'IS ANYBODY THERE?');
      assert.equal(await peer.hears(), 'IS ANYBODY THERE?');
      peer.send('me');
      assert.equal(await peer.hears(), 'ME');
    });

    it('reports what could not be delivered', async () => {
      await harness.deploy({ 'ix08-far': { autoStart: false } });
      await harness.readsUntil('ix08-far-state', (event) => event === 'Close');
      await harness.press('ix08-inject');
      assert.match(await harness.reads('ix08-lost'), /not sent/);
    });
  });

  describe('09 - Binary frames', () => {
    it('sends bytes, reads numbers from them, and gets the bytes back', async () => {
      await harness.press('ix09-bytes');
      assert.equal((await harness.reads('ix09-status')).payloadSize, 4);
      assert.deepEqual(await harness.reads('ix09-numbers'), [21.5, 30]);
      assert.deepEqual(await harness.reads('ix09-back'), Buffer.from([0, 215, 1, 44]));
    });

    it('distinguishes text from bytes', async () => {
      await harness.press('ix09-text');
      assert.equal(await harness.reads('ix09-words'), 'Hello');
      assert.equal(await harness.reads('ix09-back'), 'Hello');
    });
  });

  describe('10 - Sockets made by messages', () => {
    const isMessage = ({ event }: { event: string }) => event === 'Message';

    it('makes a server and a client, which talk by the method that is set', async () => {
      await harness.press('ix10-inject-server');
      assert.equal((await harness.reads('ix10-answers')).port, harness.port(8110));
      await harness.press('ix10-inject-client');
      assert.equal((await harness.reads('ix10-answers')).http_status, 101);

      for (const [method, answer] of [
        ['echo', 'Hello'],
        ['shout', 'HELLO'],
      ]) {
        await harness.press(`ix10-inject-${method}`);
        await harness.readsUntil('ix10-method', (text) => text === method);
        await harness.press('ix10-inject-send');
        assert.equal((await harness.reads('ix10-answers')).success, true);
        assert.equal((await harness.readsUntil('ix10-happens', isMessage)).payload.str, answer);
      }
      await harness.press('ix10-inject-get');
      assert.equal(await harness.reads('ix10-method'), 'shout');
    });

    it('reports who is connected, and ends both', async () => {
      await harness.press('ix10-inject-about');
      assert.deepEqual((await harness.reads('ix10-answers')).clients, ['/']);
      await harness.press('ix10-inject-stop-client');
      assert.deepEqual(await harness.reads('ix10-answers'), { success: true });
      assert.equal((await harness.readsUntil('ix10-happens', ({ event }) => event === 'Close')).payload.code, 1000);
      await harness.press('ix10-inject-stop-server');
      assert.deepEqual(await harness.reads('ix10-answers'), { success: true });
      await assert.rejects(connect(8110));
    });
  });

  describe('11 - Rooms with tags', () => {
    it('adds connections to rooms, reports the members, and forwards messages to them', async () => {
      const [cleo, dora, outside] = [await connect(8111, '/Cleo'), await connect(8111, '/Dora'), await connect(8111, '/Eve')];
      cleo.send('join garden');
      assert.equal(await cleo.hears(), 'garden: Cleo');
      dora.send('join garden');
      assert.equal(await cleo.hears(), 'garden: Cleo, Dora');
      assert.equal(await dora.hears(), 'garden: Cleo, Dora');
      cleo.send('garden: what a day');
      assert.equal(await dora.hears(), 'Cleo in garden: what a day');
      dora.send('leave garden');
      assert.equal(await cleo.hears(), 'garden: Cleo');
      outside.send('join hall');
      assert.equal(await outside.hears(), 'hall: Eve');
    });

    it('makes no room of a long name, and lets nobody into more than 1,000', async () => {
      const cleo = await connect(8111, '/Cleo');
      cleo.send(`join ${'x'.repeat(41)}`);
      for (let i = 0; i <= 1000; i++) cleo.send(`join ${i}`);
      for (let i = 0; i < 1000; i++) assert.equal(await cleo.hears(), `${i}: Cleo`);
      assert.match(await cleo.hears(), /^The option add would put the connection \S+ into 1001 groups/);
      cleo.leave();
    });

    it('has buttons for all of it, and one that closes the connections of a room', async () => {
      await harness.press('ix11-ann-joins');
      assert.equal(await harness.reads('ix11-reads-ann'), 'kitchen: Ann');
      await harness.press('ix11-bob-joins');
      assert.equal(await harness.reads('ix11-reads-bob'), 'kitchen: Ann, Bob');
      await harness.press('ix11-ann-speaks');
      assert.equal(await harness.reads('ix11-reads-bob'), 'Ann in kitchen: dinner is ready');
      await harness.press('ix11-ann-leaves');
      assert.equal(await harness.reads('ix11-reads-bob'), 'kitchen: Bob');

      const cleo = await connect(8111, '/Cleo');
      await harness.press('ix11-close');
      assert.deepEqual(await harness.reads('ix11-answers'), { closed: 1, success: true });
      const { code, reason } = await harness.reads('ix11-close-bob');
      assert.deepEqual([code, reason], [4000, 'The kitchen is closed']);
      assert.ok(harness.showsNothing('ix11-close-ann'));
      cleo.send('join kitchen');
      assert.equal(await cleo.hears(), 'kitchen: Cleo');
    });
  });

  describe('12 - Events call 4D', () => {
    it('reports what was not delivered, with the event', async () => {
      await harness.deploy({ 'ix12-hook': { URL: `${harness.url}/nobody`, retries: 0 } });
      const peer = await connect(8112);
      // Waits for the end of the deploy.
      const again = setInterval(() => peer.send('hello'), 200);
      const told = await harness.readsUntil('ix12-lost', (text) => text.includes('404')).finally(() => clearInterval(again));
      assert.match(told, /^The event was not delivered to http:.*: 4D answered 404/);
    });

    it('calls 4D with what comes, and does what it answers', async () => {
      await harness.deploy({ 'ix12-hook': { URL: `${harness.url}/4d-stand-in` } });
      const peer = await connect(8112, '/line-4');
      // Waits for the end of the deploy.
      const again = setInterval(() => peer.send('hello'), 200);
      assert.equal(await peer.hears().finally(() => clearInterval(again)), '4D heard: hello');
      await harness.press('ix12-inject');
      assert.equal(await harness.readsUntil('ix12-hears', (shown) => shown.endsWith('Hello')), '4D heard: Hello');
      // Connections during the deploy may have been reported to the previous node.
      await connect(8112, '/line-5');
      const { actions } = await harness.readsUntil('ix12-answers', ({ actions: [action] }) => action?.do === 'tag');
      assert.equal(actions[0].add, 'everyone');
    });
  });

  describe('13 - JSON-RPC both ways', () => {
    it('asks the server, and the server asks a client', async () => {
      await harness.press('ix13-inject');
      assert.equal((await harness.reads('ix13-answer')).result, 6);
      await harness.press('ix13-inject-2');
      assert.match(await harness.reads('ix13-reply'), /^\d{4}-\d\d-\d\dT/);
    });
  });

  describe('14 - Who may come in', () => {
    it('lets in whom the flow accepts, and refuses others with its reason', async () => {
      const open = await harness.readsUntil('ix30-events', ({ event }) => event === 'Open');
      assert.deepEqual([open.payload.user, open.payload.uri], ['member 42', '/door?member=42']);
      await assert.rejects(connect(8114, '/door'), /403/);
    });
  });

  describe('15 - HTTP in, request, HTTP response', () => {
    it('answers an HTTP request with the answer of the service', async () => {
      const answer = await fetch(`${harness.url}/ix-sum?a=1&b=2`);
      assert.deepEqual([answer.status, await answer.json()], [200, { sum: 3 }]);
    });
  });

  describe('16 - Home Assistant', () => {
    it('logs in, listens to an entity, and calls a service', async () => {
      await harness.press('ix15-listen');
      await harness.press('ix15-call');
      assert.equal((await harness.reads('ix15-answer')).success, true);
      assert.equal(await harness.reads('ix15-lamp'), 'on');
    });
  });

  describe('17 - GraphQL subscription that survives a restart', () => {
    it('gets results before and after the server was restarted', async () => {
      await harness.press('ix16-subscribe');
      assert.deepEqual((await harness.reads('ix16-results')).result, { data: { greeting: 'Hello' } });
      assert.equal((await harness.reads('ix16-results')).part, 2);
      await harness.press('ix16-restart');
      const { renewed, result } = await harness.reads('ix16-results');
      assert.deepEqual([renewed, result], [1, { data: { greeting: 'Hello' } }]);
    });
  });

  describe('18 - OCPP 1.6 charge point and central system', () => {
    it('calls the central system, and is called by it', async () => {
      await harness.press('ix17-boot');
      assert.equal((await harness.reads('ix17-answer')).result.status, 'Accepted');
      await harness.press('ix17-remote');
      assert.deepEqual((await harness.reads('ix17-reply')).result, { status: 'Accepted' });
    });
  });

  describe('19 - Socket.IO chat', () => {
    it('acknowledges each event, and sends it to the others', async () => {
      await harness.press('ix19-ann-says');
      assert.deepEqual((await harness.reads('ix19-ann-answer')).result, ['received']);
      assert.equal(await harness.reads('ix19-bob-hears'), 'Ann: Hello, Bob!');
      await harness.press('ix19-bob-says');
      assert.equal(await harness.reads('ix19-ann-hears'), 'Bob: Hello, Ann!');
      assert.ok(harness.showsNothing('ix19-bob-hears'));
    });
  });

  describe('20 - Topics by STOMP', () => {
    it('receives what is published to a topic, after it has subscribed', async () => {
      await harness.press('ix20-publish');
      assert.equal((await harness.reads('ix20-receipt')).success, true);
      await harness.press('ix20-subscribe');
      assert.equal((await harness.reads('ix20-receipt')).success, true);
      await harness.press('ix20-publish');
      assert.deepEqual(await harness.reads('ix20-message'), { topic: '/topic/kitchen/temperature', value: { celsius: 21.5 } });
      assert.ok(harness.showsNothing('ix20-message'));
    });
  });

  describe('21 - Exchange with login and renewal', () => {
    it('logs in, receives prices, and has its orders answered', async () => {
      await harness.press('ix21-buy');
      assert.deepEqual((await harness.reads('ix21-answer')).result, { status: 'filled', side: 'buy', amount: 0.01 });
      await harness.press('ix21-sell');
      assert.equal((await harness.reads('ix21-answer')).error.message, 'The balance is too low.');
      const price = await harness.reads('ix21-price');
      assert.ok(price >= 50_000 && price <= 50_100, price);
    });

    it('renews its connection, and goes on', async () => {
      await harness.deploy({ 'ix21-client': { maxAgeSecs: 1 } });
      assert.equal(await harness.reads('ix21-renewed'), 'Open');
      await harness.press('ix21-buy');
      assert.equal((await harness.reads('ix21-answer')).success, true);
      await harness.deploy();
    });

    it('is refused with a wrong signature, which is told without the secret', async () => {
      await harness.deploy({ 'ix21-client': { credentials: { secrets: JSON.stringify({ secret: 'wrong-secret' }) } } });
      const problem = await harness.reads('ix21-problems');
      assert.match(problem.reason ?? problem.errorStr, /closed|1008/);
      assert.ok(!JSON.stringify(problem).includes('wrong-secret'));
      await harness.deploy({ 'ix21-client': { credentials: { secrets: '' } } });
    });
  });

  describe('22 - Token fetched before each connection', () => {
    it('connects with a token, and fetches another one for the next connection', async () => {
      await harness.readsUntil('ix22-open', (event) => event === 'Open');
      await harness.press('ix22-end');
      assert.equal(await harness.reads('ix22-open'), 'Open');
    });

    it('lets in nobody without a token', async () => {
      await assert.rejects(connect(8122), /401/);
    });

    it('fails the attempt with the status of the service that gives no token', async () => {
      await harness.deploy({ 'ix22-fetch': { url: `${harness.url}/nothing-here` } });
      await harness.press('ix22-end');
      await harness.readsUntil('ix22-problem', (reason) => reason.includes('no token, the service answered 404'));
      await harness.deploy();
      assert.equal(await harness.reads('ix22-open'), 'Open');
    });
  });

  describe('23 - Who may come in is decided by a database', () => {
    it('lets a writer write and a reader read', async () => {
      await harness.press('ix23-ann-writes');
      assert.equal(await harness.reads('ix23-bob-reads'), 'Hello from Ann');
      await harness.press('ix23-bob-writes');
      assert.equal(await harness.reads('ix23-bob-reads'), 'reading only');
      assert.ok(harness.showsNothing('ix23-ann-reads'));
    });

    it('refuses a key that the table does not have', async () => {
      await assert.rejects(connect(8123), /401/);
      await harness.readsUntil('ix23-refused', (reason) => reason.includes('unknown key'));
    });

    it('disconnects and refuses a member who is blocked, until the block ends', async () => {
      await harness.press('ix23-block');
      assert.equal(await harness.reads('ix23-left'), 'blocked');
      await harness.readsUntil('ix23-refused', (reason) => reason.includes('Ann is blocked'));
      await harness.press('ix23-unblock');
      await harness.readsUntil('ix23-came', (user) => user === 'Ann');
    });
  });

  describe('24 - OCPP Basic authentication per charge point', () => {
    it('answers the charge point that has its own password, and knows its site', async () => {
      await harness.press('ix24-boot');
      assert.equal((await harness.reads('ix24-answer')).status, 'Accepted');
      assert.equal(await harness.reads('ix24-site'), 'Harbour: BootNotification');
    });

    it('refuses a wrong password with 401', async () => {
      await harness.press('ix24-wrong');
      const { success, http_status } = await harness.reads('ix24-result');
      assert.deepEqual([success, http_status], [false, 401]);
      await harness.readsUntil('ix24-refused', (reason) => reason.includes('wrong charge point or password'));
    });

    it('refuses a charge point that takes the name of another one', async () => {
      const url = `ws://CP2:pw-of-CP2@127.0.0.1:${harness.port(8124)}/ocpp/CP1`;
      await assert.rejects(Peer.connect(url), /401/);
    });
  });

  describe('25 - Newest of 50 values at once', () => {
    it('serves a page that connects to the server', async () => {
      const answer = await fetch(`${harness.url}/ix-newest`);
      assert.match(await answer.text(), new RegExp(`:${harness.port(8125)}/`));
    });

    it('gives each page that comes late the newest of all values at once, and forgets one', async () => {
      const first = await connect(8125);
      const sensors = new Set<string>();
      while (sensors.size < 50) sensors.add((await first.hearsJson(() => true)).sensor);
      const late = await connect(8125);
      const seen = new Set<string>();
      for (let i = 0; i < 50; i++) seen.add(JSON.parse(await late.hears()).sensor);
      assert.deepEqual(seen, sensors);
      await harness.press('ix25-forget');
      await first.hears((text) => text === '');
      await harness.press('ix25-ask');
      const kept = await harness.reads('ix25-kept');
      assert.ok(kept.length >= 49 && kept.length <= 50, kept.length);
      assert.deepEqual(Object.keys(kept[0]), ['key', 'bytes', 'since']);
    });
  });

  describe('26 - Replay of a recording', () => {
    it('sends the recorded readings at their times, and says what was played', async () => {
      await harness.press('ix26-fast');
      const celsius = [];
      for (let count = 0; count < 5; count++) celsius.push(JSON.parse(await harness.reads('ix26-received')).celsius);
      assert.deepEqual(celsius, [19.5, 19.7, 20.4, 21.2, 20.9]);
      await harness.reads('ix26-received');
      const { success, sent, frames, rounds } = await harness.reads('ix26-result');
      assert.deepEqual([success, sent, frames, rounds], [true, 6, 6, 1]);
    });

    it('goes on in a loop, until it is stopped', async () => {
      await harness.press('ix26-loop');
      for (let count = 0; count < 20; count++) await harness.reads('ix26-received');
      await harness.press('ix26-stop');
      const { stopped, sent } = await harness.reads('ix26-result');
      assert.ok(stopped && sent >= 20, String(sent));
    });
  });
});
