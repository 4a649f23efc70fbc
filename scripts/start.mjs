// `npm start`: runs a real Node-RED with this package and a demo flow.
import { demoReady, prepareDemo } from './demo.mjs';
import { startNodeRed } from './node-red.mjs';

async function main() {
  const { options, wsUrl, wsPort } = await prepareDemo();
  const nodeRed = startNodeRed(options);

  // Ctrl-C reaches Node-RED too, which then stops its flows. This process only waits for it.
  // A signal sent to this process alone is passed on.
  process.on('SIGINT', () => setTimeout(() => nodeRed.child.kill('SIGTERM'), 1000).unref());
  process.on('SIGTERM', () => nodeRed.child.kill('SIGTERM'));
  void nodeRed.exited.then(({ code, signal }) => process.exit(signal ? 0 : (code ?? 0)));

  await demoReady(nodeRed, wsPort);
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
