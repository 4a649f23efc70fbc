/** examples/scale-out, as it stands there, in real Node-REDs around a real broker. */
import assert from 'node:assert/strict';
import { within } from '../helpers/queue';
import { Client, Publisher } from './client';
import { Instance, office } from './instance';
import { Mosquitto } from './mosquitto';

const clientsEach = 200;

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

  /** All of it came, each once and in order, to these. */
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
});
