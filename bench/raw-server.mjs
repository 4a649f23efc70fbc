// The reference: a plain `ws` server as in its documentation. Takes its work as JSON, and reports its port.
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { WebSocketServer } from 'ws';
import { burstCounter } from './sequence.cjs';

const { does, messages, deflate = false, certificate, options: { pingInterval } = {} } = JSON.parse(process.argv[2]);
const server = certificate
  ? createHttpsServer({ cert: readFileSync(certificate.certFile), key: readFileSync(certificate.keyFile) })
  : createHttpServer();
const wss = new WebSocketServer({ server, perMessageDeflate: deflate });

const works = {
  echo: () => (ws, data, isBinary) => ws.send(data, { binary: isBinary }),
  broadcast: () => (_ws, data, isBinary) => {
    for (const client of wss.clients) client.send(data, { binary: isBinary });
  },
  burst: () => {
    const count = burstCounter(messages);
    return (ws, data) => {
      const report = count(data.toString());
      if (report) ws.send(JSON.stringify(report));
    };
  },
};

const work = works[does]();
wss.on('connection', (ws) => {
  ws.on('error', () => {});
  ws.on('message', (data, isBinary) => work(ws, data, isBinary));
});
if (pingInterval) beatAll(pingInterval * 1000);
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));

/** The heartbeat of the documentation of `ws`: a ping to each connection, and the end of those that did not answer the last one. */
function beatAll(ms) {
  wss.on('connection', (ws) => {
    ws.isAlive = true;
    ws.on('pong', () => {
      ws.isAlive = true;
    });
  });
  setInterval(() => {
    for (const ws of wss.clients) {
      if (!ws.isAlive) ws.terminate();
      ws.isAlive = false;
      ws.ping();
    }
  }, ms);
}
