import assert from 'node:assert/strict';
import { type Launched, launch } from './launch';

/** Probes are allowed for users who may change the node. Users are identified by their tokens. */
const settings = `
  adminAuth: {
    type: 'credentials',
    users: async (username) => ({ username, permissions: username }),
    authenticate: async () => null,
    tokens: async (token) => ({ username: token, permissions: token }),
  },`;

describe('a try of options, in a Node-RED that asks who you are,', function () {
  this.timeout(30_000);
  let nodeRed: Launched | undefined;
  let url: string;

  before(async () => {
    nodeRed = await launch([], settings);
    url = nodeRed.url;
    // `ready` is not used, because it requests the settings, which require a token here.
    while ((await ask('server', '*').catch(() => 404)) === 404) await new Promise((resolve) => setTimeout(resolve, 50));
  });
  after(async () => {
    await nodeRed?.stop();
  });

  const ask = async (side: string, token: string) => {
    const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
    const body = JSON.stringify({ id: '', options: side === 'server' ? { port: 0 } : { URL: 'ws://127.0.0.1:9/' } });
    return (await fetch(`${url}/ix-websocket/test-${side}`, { method: 'POST', headers, body })).status;
  };

  const rows: readonly (readonly [token: string, client: number, server: number])[] = [
    ['', 401, 401],
    ['read', 401, 401],
    ['flows.write', 401, 401],
    ['ix-client.write', 200, 401],
    ['ix-server.write', 401, 200],
    ['*', 200, 200],
  ];
  for (const [token, client, server] of rows) {
    it(`answers ${client} for a client and ${server} for a server to ${token ? `the permission ${token}` : 'nobody'}`, async () => {
      assert.deepEqual([await ask('client', token), await ask('server', token)], [client, server]);
    });
  }

  /** The statuses of a look and of an action. */
  const live = async (token: string) => {
    const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
    const body = JSON.stringify({ side: 'server', id: -99, do: 'stop' });
    const answers = [
      await fetch(`${url}/ix-websocket/live`, { headers }),
      await fetch(`${url}/ix-websocket/live/frames?side=server&id=-99`, { headers }),
      await fetch(`${url}/ix-websocket/live/act`, { method: 'POST', headers, body }),
    ];
    return answers.map(({ status }) => status);
  };

  const looks: readonly (readonly [token: string, statuses: readonly number[]])[] = [
    ['', [401, 401, 401]],
    ['flows.read', [401, 401, 401]],
    ['ix.read', [200, 404, 401]],
    ['read', [200, 404, 401]],
    ['ix.write', [401, 401, 404]],
    ['*', [200, 404, 404]],
  ];
  for (const [token, statuses] of looks) {
    it(`answers a look with ${statuses[0]} and an action with ${statuses[2]} to ${token ? `the permission ${token}` : 'nobody'}`, async () => {
      assert.deepEqual(await live(token), statuses);
    });
  }
});
