import assert from 'node:assert/strict';
import { closedPort, wsClient } from '../helpers/peers';
import { fault } from './fault';
import type { Item } from './subject';

let rooms = 0;

/** A server whose connections join the group that they write. A part of a message is a slice that keeps the whole message in memory. */
const roomNodes = (): Item[] => [
  { id: 'rooms', type: 'ix-server', port: rooms, autoStart: true },
  { id: 'rooms-events', type: 'ix-server-events', z: 'tab', x: 1, y: 1, server: 'rooms', wires: [['rooms-join'], [], [], []] },
  {
    ...{ id: 'rooms-join', type: 'function', z: 'tab', x: 1, y: 1, outputs: 1, wires: [['rooms-tag'], ['rooms-done']] },
    func: 'const { client, str } = msg.payload; msg.payload = { client, add: str.startsWith("long") ? str : str.slice(0, 40) }; return msg;',
  },
  { id: 'rooms-tag', type: 'ix-server-tag', z: 'tab', x: 1, y: 1, server: 'rooms', wires: [['rooms-answer']] },
  {
    ...{ id: 'rooms-answer', type: 'function', z: 'tab', x: 1, y: 1, outputs: 1, wires: [['rooms-send']] },
    func: 'msg.payload = { client: msg.client, message: String(msg.payload.success) }; return msg;',
  },
  { id: 'rooms-send', type: 'ix-server-send', z: 'tab', x: 1, y: 1, server: 'rooms', to: 'all', wires: [[]] },
];

fault(
  'tags of megabytes, and cut out of megabytes',
  {
    prepare: async () => {
      rooms = await closedPort();
    },
    more: roomNodes,
    count: 150,
    rehearsal: 20,
    async run(_stage, count) {
      const peer = await wsClient(`ws://127.0.0.1:${rooms}/`);
      const answers = { true: 0, false: 0 };
      for (let i = 0; i < count; i++) {
        peer.ws.send(`${i % 2 === 0 ? 'long' : 'cut'} ${String(i).padEnd(40, '.')}${'x'.repeat(4_000_000)}`);
        const { data } = await peer.messages.take('an answer', 10_000);
        answers[String(data) as 'true' | 'false']++;
      }
      peer.ws.close();
      await peer.closes.take('the end of the connection');
      return answers;
    },
    // Allowance for large texts that the next garbage collection frees. All tags together would be 600 MB.
    peak: 300e6,
    figure: ({ result }) =>
      `150 messages of 4 MB that become tags, compressed; refused ${result.false}, kept ${result.true} of 40 characters`,
  },
  (outcome) => {
    it('those that are too long are refused, and the others kept', () => {
      assert.deepEqual(outcome().result, { true: 75, false: 75 });
    });
  },
);
