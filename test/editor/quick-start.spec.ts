import assert from 'node:assert/strict';
import { propertyOf } from '../../nodes/editor/properties';
import { addressOf, originsFor, type Place, scriptOf, starts } from '../../nodes/editor/quick-start';
import { problemOf } from '../../nodes/editor/values';

const local: Place = { protocol: 'http:', host: 'localhost:1880', hostname: 'localhost', httpNodeRoot: '/', machine: '192.168.1.7' };
const remote: Place = { protocol: 'https:', host: 'red.example', hostname: 'red.example', httpNodeRoot: '/api/', machine: '172.17.0.2' };
const server = { listenOn: 'own', host: '', port: '8080', path: '', tls: false };

describe('the quick start of a server', () => {
  for (const [start, options] of Object.entries(starts)) {
    it(`sets valid options for ${start}`, () => {
      for (const [name, value] of Object.entries(options)) assert.equal(problemOf(propertyOf('ix-server', name), value), undefined);
    });
  }

  const rows: readonly [title: string, options: Partial<typeof server>, place: Place, url: string | undefined, isLocal?: boolean][] = [
    ['this machine', { ...starts.machine }, local, 'ws://127.0.0.1:8080/', true],
    ['this machine, seen from another', { ...starts.machine }, remote, 'ws://127.0.0.1:8080/', true],
    ['the network, edited on the machine', { ...starts.network }, local, 'ws://192.168.1.7:8080/'],
    ['the network, edited from another', { ...starts.network }, remote, 'ws://red.example:8080/'],
    ['the network of a machine without one', { ...starts.network }, { ...local, machine: '' }, 'ws://127.0.0.1:8080/', true],
    ["Node-RED's port", { ...starts.nodeRed }, local, 'ws://localhost:1880/ws', true],
    ["Node-RED's port by https, below httpNodeRoot", { ...starts.page }, remote, 'wss://red.example/api/ws'],
    ['TLS', { host: '::', tls: true, path: '/a/:id/*' }, remote, 'wss://red.example:8080/a/:id/'],
    ['an IPv6 address', { host: 'fd00::1' }, local, 'ws://[fd00::1]:8080/'],
    ['any free port', { port: '0' }, local, undefined],
    ['a port of the environment', { port: '${PORT}' }, local, undefined],
  ];
  for (const [title, options, place, url, isLocal = false] of rows) {
    it(`shows the URL for ${title}`, () => {
      assert.deepEqual(addressOf({ ...server, ...options }, place), url === undefined ? undefined : { url, isLocal });
    });
  }

  it('writes JavaScript that runs', () => {
    const sent: unknown[] = [];
    class WebSocket {
      onopen = () => {};
      constructor(readonly url: string) {
        setImmediate(() => this.onopen());
      }
      send = (text: string) => sent.push(this.url, text);
    }
    new Function('WebSocket', scriptOf('ws://h/"'))(WebSocket);
    return new Promise<void>((resolve) => setImmediate(resolve)).then(() => assert.deepEqual(sent, ['ws://h/"', 'hello']));
  });

  it('allows the origin of a page, unless the default does', () => {
    assert.deepEqual(originsFor('https://www.example.com/chat?a#b', 'wss://red.example/ws'), ['same host', 'https://www.example.com']);
    assert.equal(originsFor(' http://red.example:3000/', 'wss://red.example/ws'), '');
    for (const text of ['', 'www.example.com', 'file:///a.html', 'https://', 'javascript:1']) {
      assert.equal(originsFor(text, 'ws://h/'), undefined, text);
    }
  });
});
