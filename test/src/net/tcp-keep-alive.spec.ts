import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { rawClient, wsServer } from '../../helpers/peers';
import { client, server } from '../../helpers/sockets';
import { teardown } from '../../helpers/teardown';

/** Returns whether the system has a keep-alive timer (2) on the connection between two local ports, seen from the first. */
function isProbed(from: number, to: number): boolean {
  const hex = (port: number) => port.toString(16).toUpperCase().padStart(4, '0');
  const row = readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .find(([, local = '', remote = '']) => local.endsWith(`:${hex(from)}`) && remote.endsWith(`:${hex(to)}`));
  assert.ok(row, `no connection from ${from} to ${to}`);
  return row[5]?.startsWith('02:') ?? false;
}

describe('TCP keep-alive', () => {
  before(function () {
    // The timers of a connection are visible in Linux only.
    if (process.platform !== 'linux') this.skip();
  });
  afterEach(teardown);

  it('is on for the connections of a server', async () => {
    const harness = await server().open();
    await rawClient(harness.port);
    const { remotePort = 0 } = await harness.next('Open');
    assert.equal(isProbed(harness.port, remotePort), true);
  });

  it('is on for the connection of a client', async () => {
    const peer = await wsServer();
    assert.equal((await client({ URL: peer.url }).start()).success, true);
    const { socket } = (await peer.peers.take()).request as { socket: { remotePort?: number } };
    assert.equal(isProbed(socket.remotePort ?? 0, peer.port), true);
  });
});
