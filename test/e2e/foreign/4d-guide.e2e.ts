/** Runs each `curl` command of `docs/4d.md`, and compares its response. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { alike, Bridge, routes, token } from '../../examples/bridge';
import { freePort, program } from './runtime';

const guide = readFileSync(join(__dirname, '..', '..', '..', 'docs', '4d.md'), 'utf8');
const steps = [...guide.matchAll(/```sh\n(.*)\n```\n```json\n([\s\S]*?)```/g)].map(([, command = '', answer = '']) => ({
  command,
  answer,
}));
const definition = /^ix\(\) .*$/m.exec(guide)?.[0] as string;

describe('the guide for 4D', function () {
  this.timeout(60_000);
  let bridge: Bridge;
  let port: string;
  before(async () => {
    program('/usr/bin/curl', 'curl');
    bridge = await Bridge.open();
    await bridge.deploy('127.0.0.1');
    port = String(await freePort());
  });
  after(() => bridge?.close());

  it('installs on a machine that has no folder of Node-RED yet', async () => {
    const line = /^.*npm install @ix-websocket.*$/m.exec(guide)?.[0] ?? '';
    const home = mkdtempSync(join(tmpdir(), 'ix-home-'));
    try {
      const env = { ...process.env, HOME: home };
      const { stdout } = await promisify(execFile)('bash', ['-c', line.replace(/npm install \S+/, 'pwd')], { env, timeout: 10_000 });
      assert.equal(stdout.trim(), join(home, '.node-red'));
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  });

  it('shows every command', () => {
    const shown = new Set(steps.map(({ command }) => /\bix (\S+)/.exec(command)?.[1]));
    assert.deepEqual([...shown].sort(), [...routes].sort());
  });

  // They run in order, because each uses the sockets of earlier ones.
  for (const { command, answer } of steps) {
    it(command, async () => {
      const here = (text: string) => text.replaceAll('8099', port);
      const env = { ...process.env, IX_URL: `${bridge.url}/ix`, IX_TOKEN: token, no_proxy: '*' };
      const { stdout } = await promisify(execFile)('bash', ['-c', `${definition}\n${here(command)}`], { env, timeout: 10_000 });
      const shown = JSON.parse(here(answer));
      assert.deepEqual(alike(JSON.parse(stdout), shown), shown, stdout);
    });
  }

  it('has 4D code whose socket and message the bridge takes', async () => {
    const { id } = await bridge.does('server', { port: Number(port) });
    await bridge.does('server/start', { id });
    const [, URL = '', seconds] = /\$socket:=New object\("URL"; "(.*)"; "pingInterval"; (\d+)\)/.exec(guide) ?? [];
    const [, message = ''] = /\$socket\.message:="(.*)"/.exec(guide) ?? [];
    const socket = { URL: URL.replace('8099', port), pingInterval: Number(seconds) };
    Object.assign(socket, await bridge.does('client', socket));
    assert.equal((await bridge.does('client/start', socket)).success, true);
    const { success, payloadSize } = await bridge.does('client/send', { ...socket, message });
    assert.deepEqual([success, payloadSize], [true, message.length]);
  });
});
