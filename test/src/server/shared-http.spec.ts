import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { Server } from 'node:http';
import { SharedHttp } from '../../../src/server/shared-http';

function shared(root = '/') {
  const server = new EventEmitter() as unknown as Server;
  const owner = (path: string) => (path === '/comms' ? 'the editor' : undefined);
  const http = new SharedHttp({ name: 'Node-RED', server, root, owner }, { warn() {}, error: (error) => assert.fail(String(error)) });
  const upgrades: string[] = [];
  const register = (path: string) => http.register(server, path, () => upgrades.push(path));
  const upgrade = (url: string) => void server.emit('upgrade', { url } as never, {} as never, Buffer.alloc(0));
  return { server, http, upgrades, register, upgrade };
}

describe('SharedHttp', () => {
  it('gives an upgrade to the server of its path, in any spelling', () => {
    const { upgrades, register, upgrade } = shared();
    register('/a b');
    register('/b');
    for (const url of ['/a%20b?q', '/b', '/c']) upgrade(url);
    assert.deepEqual(upgrades, ['/a b', '/b']);
  });

  it('an exact path comes before a pattern, and the most specific pattern before the others', () => {
    const { upgrades, register, upgrade } = shared();
    for (const path of ['/*', '/a/:id', '/a/b']) register(path);
    for (const url of ['/a/b', '/a/c', '/x/y/z']) upgrade(url);
    assert.deepEqual(upgrades, ['/a/b', '/a/:id', '/*']);
  });

  it('a pattern leaves the paths of others alone', () => {
    const { upgrades, register, upgrade } = shared();
    register('/*');
    for (const url of ['/comms', '/ui/socket.io/?x', '/free']) upgrade(url);
    assert.deepEqual(upgrades, ['/*']);
  });

  it('names the owner of a path', () => {
    const { http, register } = shared();
    register('/a/:id');
    register('/b');
    const owners = ['/a/:name', '/b', '/comms', '/a/:id/c', '/free'].map((path) => http.owner(path));
    assert.deepEqual(owners, ['another server of the flows', 'another server of the flows', 'the editor', undefined, undefined]);
  });

  it('listens while a path is registered, with one listener', () => {
    const { server, register, upgrade, upgrades } = shared();
    const offs = Array.from({ length: 20 }, (_, i) => register(i % 2 ? `/p${i}` : `/p${i}/:x`));
    assert.equal(server.listenerCount('upgrade'), 1);
    for (const off of offs) off();
    assert.equal(server.listenerCount('upgrade'), 0);
    upgrade('/p1');
    assert.deepEqual(upgrades, []);
  });

  it('a path is below the root', () => {
    assert.deepEqual(
      [shared('/api/').http.fullPath('/a'), shared('/').http.fullPath('a'), shared('').http.fullPath('/')],
      ['/api/a', '/a', '/'],
    );
  });
});
