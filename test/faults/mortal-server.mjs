// A server to be killed: it waits for the word, listens, and appends each message to a file before it reads the next one.
import { openSync, writeSync } from 'node:fs';
import { WebSocketServer } from 'ws';

const [port, file] = process.argv.slice(2);
process.once('message', () => {
  const log = openSync(file, 'a');
  const server = new WebSocketServer({ port: Number(port), host: '127.0.0.1' });
  server.on('listening', () => process.send('listening'));
  server.on('connection', (ws) => {
    process.send('connected');
    ws.on('message', (data) => writeSync(log, `${data}\n`));
  });
});
process.send('ready');
