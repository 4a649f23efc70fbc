// The reference of the client side: a plain `ws` client that echoes, and connects again until it is ended.
import { WebSocket } from 'ws';

const { port } = JSON.parse(process.argv[2]);

function connect() {
  const ws = new WebSocket(`ws://127.0.0.1:${port}/`, { perMessageDeflate: false });
  ws.on('message', (data, binary) => ws.send(data, { binary }));
  ws.on('error', () => {});
  ws.on('close', () => setTimeout(connect, 50));
}

connect();
process.send({ port });
