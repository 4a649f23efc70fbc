// The demo of `npm start` and `npm run dev`: an example flow in a user directory of this checkout. PORT and WS_PORT set its two ports.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { isListening, root } from './node-red.mjs';

const example = join(root, 'examples', '01 - Echo server and client.json');

function portOf(name, usual) {
  const text = process.env[name] || String(usual);
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65535) throw new Error(`${name} must be a port from 1 to 65535; got "${text}".`);
  return port;
}

const refuseUsed = (port, name, what) =>
  new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error) => {
      const why = error.code === 'EADDRINUSE' ? 'is in use' : `cannot be used (${error.code})`;
      reject(new Error(`Port ${port} for ${what} ${why}. Choose another: ${name}=${port + 1} npm start`));
    });
    probe.listen(port, '127.0.0.1', () => probe.close(resolve));
  });

/** Sets the two addresses of the example to WS_PORT. An edited flow is not changed. */
function writeFlow(file) {
  if (existsSync(file)) return;
  const flow = JSON.parse(readFileSync(example, 'utf8'));
  for (const node of flow) {
    if (node.type === 'ix-server') node.port = '${WS_PORT}';
    if (node.type === 'ix-client') node.URL = '${WS_URL}';
  }
  writeFileSync(file, JSON.stringify(flow, null, 2));
}

/** Checks the ports and writes the flow. @returns the options for `startNodeRed`, and the demo server's address. */
export async function prepareDemo() {
  const port = portOf('PORT', 1880);
  const wsPort = portOf('WS_PORT', 8080);
  if (port === wsPort) throw new Error(`PORT and WS_PORT are both ${port}: give them different ports.`);
  await refuseUsed(port, 'PORT', 'the editor');
  await refuseUsed(wsPort, 'WS_PORT', 'the demo server');

  const userDir = join(root, '.node-red');
  mkdirSync(userDir, { recursive: true });
  writeFlow(join(userDir, 'flows.json'));
  const wsUrl = `ws://127.0.0.1:${wsPort}`;
  const env = { WS_PORT: String(wsPort), WS_URL: `${wsUrl}/`, NODE_RED_NODES_DIR: root };
  return { options: { userDir, port, env, stdio: 'inherit' }, wsUrl, wsPort };
}

/** Resolves once the editor answers and the demo server listens. */
export async function demoReady(nodeRed, wsPort) {
  await nodeRed.ready();
  for (let polls = 0; polls < 100 && !(await isListening(wsPort)); polls++) await new Promise((resolve) => setTimeout(resolve, 50));
}
