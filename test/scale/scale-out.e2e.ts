/** The unchanged examples/scale-out, in real Node-REDs around a real broker. */
import assert from 'node:assert/strict';
import { Client, Publisher } from './client';
import { Instance, office } from './instance';
import { Mosquitto } from './mosquitto';

const clientsEach = 200;

interface Listed {
  readonly address: string;
  readonly uri: string;
}

describe('two Node-REDs with 200 clients each, and mosquitto between them', function () {
  this.timeout(60_000);
  let broker: Mosquitto;
  let north: Instance;
  let south: Instance;
  let norths: Client[];
  let souths: Client[];
  let fromNorth: Publisher;
  let fromSouth: Publisher;
  const all = () => [...norths, ...souths];

  const connect = async (port: number, due?: Record<string, number>): Promise<Client[]> => {
    const { inTurns } = await import('../../bench/connection.mjs');
    return inTurns(clientsEach, 16, (at: number) => Client.connect(port, `/${at}`, due)) as Promise<Client[]>;
  };
  const witnesses = () => [norths[0], souths[0]] as Client[];

  /** Asserts that all messages reached these clients, each once and in order. */
  const heard = async (clients: readonly Client[]): Promise<void> => {
    const isComplete = (client: Client) => [fromNorth, fromSouth].every(({ letter, count }) => client.next(letter) >= count);
    const end = Date.now() + 15_000;
    while (!clients.every(isComplete) && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 20));
    for (const [at, client] of clients.entries()) {
      assert.deepEqual(client.wrong.slice(0, 3), [], `client ${at}`);
      const came = [fromNorth, fromSouth].map(({ letter }) => client.next(letter));
      assert.deepEqual(came, [fromNorth.count, fromSouth.count], `what client ${at} heard of each publisher`);
    }
  };

  before(async () => {
    broker = await Mosquitto.start();
    [north, south] = await Promise.all([Instance.start('north', broker.port), Instance.start('south', broker.port)]);
    norths = await connect(north.port, { n: 0, s: 0 });
    souths = await connect(south.port, { n: 0, s: 0 });
    fromNorth = new Publisher(norths[0] as Client, 'n', witnesses);
    fromSouth = new Publisher(souths[0] as Client, 's', witnesses);
  });
  after(async () => {
    for (const client of [...(norths ?? []), ...(souths ?? [])]) client.leave();
    await north?.stop();
    await south?.stop();
    await broker?.kill();
  });

  it('bring 10,000 broadcasts to each of the 400 clients once, in order per publisher', async () => {
    const before = north.cpuSeconds + south.cpuSeconds;
    const began = performance.now();
    await Promise.all([fromNorth.publish(5000), fromSouth.publish(5000)]);
    await heard(all());
    const seconds = (performance.now() - began) / 1000;
    const cpu = north.cpuSeconds + south.cpuSeconds - before;
    const deliveries = 10_000 * all().length;
    console.log(
      `      ${deliveries.toLocaleString('en')} deliveries in ${seconds.toFixed(1)} s; ${((cpu / deliveries) * 1e6).toFixed(2)} µs of CPU each,`,
      `${((cpu / 20_000) * 1e6).toFixed(0)} µs per broadcast and instance`,
    );
  });

  const addressOf = async (client: Client): Promise<string> => {
    await client.send('{"ask":"clients"}');
    const { clients } = await client.hears('the list of clients');
    const at = norths.includes(client) ? norths.indexOf(client) : souths.indexOf(client);
    const mine = ({ address, uri }: Listed) => uri === `/${at}` && address.startsWith(norths.includes(client) ? 'north/' : 'south/');
    return clients.find(mine).address;
  };

  it('report who is connected to all of them', async () => {
    const [asker] = souths as [Client];
    await asker.send('{"ask":"clients"}');
    const { clients, missing } = await asker.hears('the list of clients');
    assert.deepEqual(missing, []);
    const count = (name: string) => clients.filter(({ address }: Listed) => address.startsWith(`${name}/`)).length;
    assert.deepEqual([count('north'), count('south')], [clientsEach, clientsEach]);
    assert.equal(new Set(clients.map(({ address }: Listed) => address)).size, 2 * clientsEach);
  });

  it('say which instance does not answer', async () => {
    const [asker] = norths as [Client];
    south.pause();
    try {
      await asker.send('{"ask":"clients"}');
      const { clients, missing } = await asker.hears('the list of clients');
      assert.deepEqual([clients.length, missing], [clientsEach, ['south']]);
    } finally {
      south.goOn();
    }
  });

  it('bring a message to the one client it names, and the answer back, whichever instances they are on', async () => {
    const [one, other] = [norths[3], souths[7]] as [Client, Client];
    const to = await addressOf(other);
    await one.send(JSON.stringify({ to, message: 'Are you there?' }));
    const question = await other.hears('the question');
    assert.equal(question.message, 'Are you there?');
    await other.send(JSON.stringify({ to: question.from, message: { yes: true } }));
    assert.deepEqual(await one.hears('the answer'), { from: to, message: { yes: true } });
  });

  it('share the work, and bring each answer to the client that asked', async () => {
    const askers = [...norths.slice(10, 20), ...souths.slice(10, 20)];
    await Promise.all(askers.map((client, at) => client.send(JSON.stringify({ job: `job ${at}` }))));
    const answers = await Promise.all(askers.map((client, at) => client.hears(`the answer to job ${at}`)));
    assert.deepEqual(
      answers.map(({ answer }) => answer),
      askers.map((_, at) => `JOB ${at}`),
    );
    assert.deepEqual([...new Set(answers.map(({ worker }) => worker))].sort(), ['north', 'south']);
  });

  it('say so when nobody is there under an address', async () => {
    const [client] = norths as [Client];
    for (const to of ['west/0-1', 'south', 'south/']) {
      await client.send(JSON.stringify({ to, message: 'hello?' }));
      assert.deepEqual(await client.hears('the refusal'), { error: `${to} is not there.` });
    }
  });

  it('send once what the bus delivers twice, and begin again with a publisher that begins again', async () => {
    const envelope = (id: string, message: string) => ({ instance: 'backend', id, target: { uri: '/5' }, message });
    await broker.publish('ix/all', [
      envelope('a-1', '"a1"'),
      envelope('a-2', '"a2"'),
      envelope('a-2', '"a2 again"'),
      envelope('a-1', '"a1 again"'),
      envelope('b-1', '"b1"'),
      { target: { uri: '/5' }, message: '"no envelope"' },
    ]);
    for (const client of [norths[5], souths[5]] as Client[]) {
      const texts = [];
      for (let at = 0; at < 4; at++) texts.push(await client.hears('a message of the backend'));
      assert.deepEqual(texts, ['a1', 'a2', 'b1', 'no envelope']);
    }
  });

  it('bring bytes', async () => {
    await broker.publish('ix/all', [{ target: { uri: '/6' }, message: { $base64: Buffer.from('{"bytes":true}').toString('base64') } }]);
    for (const client of [norths[6], souths[6]] as Client[]) assert.deepEqual(await client.hears('the bytes'), { bytes: true });
  });

  it('send what a Node-RED without clients publishes, and report who is connected', async () => {
    const back = await Instance.start('back', broker.port, office);
    try {
      await back.press('ixs2-all');
      for (const client of all()) assert.equal(await client.others.take('the news of the office'), 'Hello from the office');
      const { messages } = await broker.subscribe('ix/clients/office', 2);
      await back.press('ixs2-ask');
      const answers = (await messages) as { instance: string; clients: Listed[] }[];
      const counts = Object.fromEntries(answers.map(({ instance, clients }) => [instance, clients.length]));
      assert.deepEqual(counts, { north: clientsEach, south: clientsEach });
    } finally {
      await back.stop();
    }
  });

  it('continue without a killed one: no client of the other misses anything, and the lists are without it', async () => {
    let killed: Promise<void> | undefined;
    const before = fromNorth.count;
    await fromNorth.publish(2000, (number) => {
      if (number > before + 1000) killed ??= south.kill();
    });
    await killed;
    await heard(norths);
    for (const client of souths) {
      assert.deepEqual(client.wrong, []);
      assert.equal(client.ended, true);
      assert.ok(client.next('n') > before && client.next('n') < fromNorth.count, `it heard ${client.next('n')}`);
    }
    const [asker] = norths as [Client];
    await asker.send('{"ask":"clients"}');
    const { clients, missing } = await asker.hears('the list of clients', 1900);
    assert.deepEqual([clients.length, missing], [clientsEach, []]);
  });

  it('take it up again when it is back, while broadcasts continue', async () => {
    const returns = (async () => {
      await south.run();
      souths = await connect(south.port);
    })();
    let isBack = false;
    void returns.finally(() => {
      isBack = true;
    });
    while (!isBack) await fromNorth.publish(50);
    await returns;
    fromSouth = new Publisher(souths[0] as Client, 't', witnesses);
    for (const client of all()) client.expect('t', 0);
    await Promise.all([fromNorth.publish(1000), fromSouth.publish(1000)]);
    await heard(all());
    const [asker] = norths as [Client];
    await asker.send('{"ask":"clients"}');
    assert.equal((await asker.hears('the list of clients')).clients.length, 2 * clientsEach);
  });

  it('say what cannot be sent while the broker is away, and continue when it is back', async () => {
    await broker.kill();
    await Promise.all([north.logs('Disconnected from broker'), south.logs('Disconnected from broker')]);
    const [client] = norths as [Client];
    await client.send('to nobody');
    assert.deepEqual(await client.hears('the refusal'), { error: 'The broker is not connected: nothing was sent.' });
    await broker.run();
    await Promise.all([north.logs('Connected to broker', 2), south.logs('Connected to broker', 2)]);
    await Promise.all([fromNorth.publish(100), fromSouth.publish(100)]);
    await heard(all());
    await client.send('{"ask":"clients"}');
    assert.deepEqual((await client.hears('the list of clients')).missing, []);
  });
});
