// `npm start`: a real Node-RED with this package and a demo flow. PORT and WS_PORT move the two ports.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { isListening, root, startNodeRed } from './node-red.mjs';

const demo = join(root, 'examples', '01 - Echo server and client.json');

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

/** The demo is an example whose two addresses follow WS_PORT. An edited flow is left as it is. */
function writeDemo(file) {
  if (existsSync(file)) return;
  const flow = JSON.parse(readFileSync(demo, 'utf8'));
  for (const node of flow) {
    if (node.type === 'ix-server') node.port = '${WS_PORT}';
    if (node.type === 'ix-client') node.URL = '${WS_URL}';
  }
  writeFileSync(file, JSON.stringify(flow, null, 2));
}

async function main() {
  const port = portOf('PORT', 1880);
  const wsPort = portOf('WS_PORT', 8080);
  if (port === wsPort) throw new Error(`PORT and WS_PORT are both ${port}: give them different ports.`);
  await refuseUsed(port, 'PORT', 'the editor');
  await refuseUsed(wsPort, 'WS_PORT', 'the demo server');

  const userDir = join(root, '.node-red');
  mkdirSync(userDir, { recursive: true });
  writeDemo(join(userDir, 'flows.json'));
  const wsUrl = `ws://127.0.0.1:${wsPort}`;
  const env = { WS_PORT: String(wsPort), WS_URL: `${wsUrl}/`, NODE_RED_NODES_DIR: root };
  const nodeRed = startNodeRed({ userDir, port, env, stdio: 'inherit' });

  // Ctrl-C reaches Node-RED too, which then stops its flows; this process only waits for it.
  // One that was sent to this process alone is passed on.
  process.on('SIGINT', () => setTimeout(() => nodeRed.child.kill('SIGTERM'), 1000).unref());
  process.on('SIGTERM', () => nodeRed.child.kill('SIGTERM'));
  void nodeRed.exited.then(({ code, signal }) => process.exit(signal ? 0 : (code ?? 0)));

  await nodeRed.ready();
  for (let tries = 0; tries < 100 && !(await isListening(wsPort)); tries++) await new Promise((resolve) => setTimeout(resolve, 50));
  console.log(`
  The editor:       ${nodeRed.url}/
  The demo server:  ${wsUrl}  (greets and echoes)
  Click the Inject button in the editor and look at the debug sidebar. Ctrl-C ends it all.
`);
}

main().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
