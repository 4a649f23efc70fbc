// Well-behaved peers that report when all are connected. They run in a network namespace whose link is then cut.
import { WebSocket } from 'ws';

const [url, count] = process.argv.slice(2);
const connect = () =>
  new Promise((resolve, reject) => {
    const ws = new WebSocket(url, { perMessageDeflate: false });
    ws.once('open', resolve);
    ws.once('error', reject);
  });
await Promise.all(Array.from({ length: Number(count) }, connect));
console.log('ready');
