import assert from 'node:assert/strict';
import type { ProbeAnswer } from '../../nodes/probe';
import { admin, type Item, logged, run } from '../helpers/flow';
import { httpServer, wsServer } from '../helpers/peers';
import { httpProxy, proxyEnvironment } from '../helpers/proxy';
import { within } from '../helpers/queue';
import { inNodeRed, nodesOf, until, watchers } from './suite';

const secret = 'S3cr3t-pässwörd';

/** Node-RED's own HTTP proxy node, as its form saves it. */
const proxyNode = (url: string, more: object = {}): Item => ({ id: 'p', type: 'http proxy', name: '', url, noproxy: [], ...more });
const clientOf = (URL: string, more: object = {}): Item => ({ id: 'c', type: 'ix-client', URL, proxy: 'p', ...more });

describe('an HTTP proxy', () => {
  inNodeRed();
  beforeEach(() => proxyEnvironment({}));

  it('that a node names is gone through, with the credentials that Node-RED keeps for it', async () => {
    const [proxy, far] = [await httpProxy({ credentials: `ann:${secret}` }), await wsServer()];
    const flow = await run([proxyNode(proxy.url), clientOf(far.url), ...nodesOf('client', 'start send', 'c')], {
      p: { username: 'ann', password: secret },
    });
    assert.equal((await flow.command('start')).payload.success, true);
    await flow.command('send', 'there');
    assert.equal((await (await far.peers.take()).messages.take()).data, 'there');
    assert.equal(proxy.asked.all.length, 1);
  });

  it('is not gone through to the hosts on its list', async () => {
    const [proxy, far] = [await httpProxy(), await wsServer()];
    const flow = await run([proxyNode(proxy.url, { noproxy: ['127.0.0.1'] }), clientOf(far.url), ...nodesOf('client', 'start', 'c')]);
    assert.equal((await flow.command('start')).payload.success, true);
    assert.equal(proxy.asked.all.length, 0);
  });

  it('of the environment is gone through where no node is named', async () => {
    const [proxy, far] = [await httpProxy(), await wsServer()];
    proxyEnvironment({ HTTP_PROXY: proxy.url });
    const flow = await run([clientOf(far.url, { proxy: '' }), ...nodesOf('client', 'start', 'c')]);
    assert.equal((await flow.command('start')).payload.success, true);
    assert.equal(proxy.asked.all.length, 1);
  });

  it('is not gone through where the node that is named has no URL, whatever the environment says', async () => {
    const [proxy, far] = [await httpProxy(), await wsServer()];
    proxyEnvironment({ HTTP_PROXY: proxy.url });
    const flow = await run([proxyNode(''), clientOf(far.url), ...nodesOf('client', 'start', 'c')]);
    assert.equal((await flow.command('start')).payload.success, true);
    assert.equal(proxy.asked.all.length, 0);
  });

  it('that does not exist is ERR_OPTION, which names proxy', async () => {
    const flow = await run([clientOf('ws://127.0.0.1:1/'), ...nodesOf('client', 'start', 'c'), ...watchers()]);
    const { errorCode, errorStr } = (await flow.command('start')).payload;
    assert.deepEqual([errorCode, errorStr], ['ERR_OPTION', 'The option proxy must be an HTTP proxy node; got the string "p".']);
  });

  it('that refuses shows in the status, in the answer and as an Error event, and its password nowhere', async () => {
    const proxy = await httpProxy({ credentials: 'somebody:else' });
    const flow = await run(
      [
        proxyNode(proxy.url.replace('//', `//me:${encodeURIComponent(secret)}@`)),
        clientOf('ws://server.example/', {
          autoStart: true,
          minWaitBetweenReconnectionRetries: 60_000,
          maxWaitBetweenReconnectionRetries: 60_000,
        }),
        ...nodesOf('client', 'create stop start', 'c'),
        { id: 'e', type: 'ix-client-events', client: 'c' },
        ...watchers(),
      ],
      { p: { username: 'ann', password: secret } },
    );
    const { http_status, reason } = (await flow.out('e.3').take('the Error')).payload;
    assert.equal(http_status, 407);
    assert.match(reason, /through the proxy http:\/\/127\.0\.0\.1:\d+: .*it does not accept the user name and password/);
    await flow.command('stop');
    const answer = (await flow.command('start', { timeout: 1 })).payload;
    assert.deepEqual([answer.success, answer.http_status], [false, 407]);
    await until(() => flow.status('c').text?.includes('proxyStatus') ?? false, 'the status'); // The test helper shows keys instead of words.
    const told = JSON.stringify([answer, reason, flow.statuses, flow.calls, logged()]);
    for (const form of [secret, encodeURIComponent(secret), Buffer.from(`ann:${secret}`).toString('base64')])
      assert.ok(!told.includes(form), `${form} is told`);
  });

  describe('tried with unsaved options', () => {
    async function ask(items: Item[], options: object, credentials: Record<string, object> = {}): Promise<ProbeAnswer> {
      await run(items, credentials);
      const port = await httpServer((request, response) => admin()(request, response));
      const response = await within(
        fetch(`http://127.0.0.1:${port}/ix-websocket/test-client`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', connection: 'close' },
          body: JSON.stringify({ id: 'new', z: '', options }),
        }),
        'an answer',
      );
      return (await response.json()) as ProbeAnswer;
    }

    it('is reported, if it would help', async () => {
      const [proxy, far] = [await httpProxy(), await wsServer()];
      const { steps, failure } = await ask([proxyNode(proxy.url)], { URL: far.url, proxy: 'p' });
      assert.deepEqual([steps.map(({ step }) => step), failure], [['proxy', 'http', 'pong'], undefined]);
      assert.deepEqual(steps[0]?.values, { proxy: proxy.url });
    });

    it('is what to look at, where it does not', async () => {
      const proxy = await httpProxy({ answer: 'HTTP/1.1 403 Forbidden\r\n\r\n' });
      const { steps, failure } = await ask([proxyNode(proxy.url)], { URL: 'ws://127.0.0.1:9/', proxy: 'p' });
      assert.deepEqual([steps, failure?.option], [[], 'proxy']);
      assert.match(failure?.errorStr ?? '', /answered 403 Forbidden: it does not allow connections to 127\.0\.0\.1:9/);
    });

    it('has to be deployed', async () => {
      assert.deepEqual((await ask([], { URL: 'ws://127.0.0.1:9/', proxy: 'p' })).failure, { option: 'proxy', key: 'probe.notDeployed' });
    });

    it('says no credentials, though the proxy says them back', async () => {
      const basic = Buffer.from(`ann:${secret}`).toString('base64');
      const proxy = await httpProxy({ answer: `HTTP/1.1 407 ann ${secret} ${basic}\r\n\r\n` });
      const text = JSON.stringify(
        await ask([proxyNode(proxy.url)], { URL: 'ws://127.0.0.1:9/', proxy: 'p' }, { p: { username: 'ann', password: secret } }),
      );
      assert.match(text, /answered 407 /);
      for (const told of [secret, basic, 'ann ']) assert.ok(!text.includes(told), `${told} in ${text}`);
    });

    it('of the environment stays secret, and the variable is named', async () => {
      const [proxy, far] = [await httpProxy({ credentials: `ann:${secret}` }), await wsServer()];
      proxyEnvironment({ HTTP_PROXY: proxy.url.replace('//', `//ann:${encodeURIComponent(secret)}@`) });
      const { steps, failure } = await ask([], { URL: far.url });
      assert.equal(failure, undefined);
      assert.deepEqual(steps[0], { step: 'proxy', values: { proxy: 'http://${HTTP_PROXY}' } });
    });

    it('of the environment that cannot be one stays secret too', async () => {
      proxyEnvironment({ HTTPS_PROXY: 'socks5://ann:s3cret@proxy.example:1080' });
      const { failure } = await ask([], { URL: 'wss://127.0.0.1:9/' });
      assert.equal(failure?.option, 'proxy');
      assert.match(failure?.errorStr ?? '', /variable HTTPS_PROXY names must be the URL of an HTTP proxy/);
      assert.doesNotMatch(failure?.errorStr ?? '', /proxy\.example:1080|s3cret/);
    });
  });
});
