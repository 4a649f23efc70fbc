import assert from 'node:assert/strict';
import { configNodes, definitions, validate } from './built';

/** Returns the properties of a node after it was added to a flow. */
function added(type: string, node: Record<string, unknown> = {}) {
  const one: Record<string, unknown> = { ...node, z: 'tab' };
  definitions[type]?.onadd?.call(one as never);
  return one;
}

describe('the choice of a socket', () => {
  beforeEach(() => {
    for (const id of Object.keys(configNodes)) delete configNodes[id];
    configNodes.s = { id: 's', type: 'ix-server' };
  });

  it('is made for a node from the palette while there is exactly one of its side', () => {
    assert.equal(added('ix-server-events', { server: '' }).server, 's');
    assert.equal(added('ix-server-send', { server: '' }).server, 's');
    assert.equal(added('ix-client-send', { client: '' }).client, '');
    configNodes.other = { id: 'other', type: 'ix-server' };
    assert.equal(added('ix-server-send', { server: '' }).server, '');
  });

  it('does not count config nodes of other flows, or disabled ones', () => {
    configNodes.far = { id: 'far', type: 'ix-server', z: 'another tab' };
    configNodes.off = { id: 'off', type: 'ix-server', d: true };
    assert.equal(added('ix-server-send', { server: '' }).server, 's');
  });

  it('is left as it is in a node that is pasted, and in one that creates sockets', () => {
    assert.equal(added('ix-server-send', { server: '', x: 100 }).server, '');
    assert.equal(added('ix-server-create', { server: '' }).server, '');
  });

  it('is asked for in a node that works on one socket, unless the message names it', () => {
    assert.equal(validate('ix-server-send', 'server', ''), 'No server is selected. Select one, or tick From the message.');
    assert.equal(validate('ix-client-stop', 'client', '_ADD_'), 'No client is selected. Select one, or tick From the message.');
    assert.equal(validate('ix-server-send', 'server', '', { fromMessage: true }), true);
    assert.equal(validate('ix-server-events', 'server', ''), true);
    assert.equal(validate('ix-server-create', 'server', ''), true);
  });

  it('is wrong with a config node that is gone, or wrong itself', () => {
    assert.equal(validate('ix-server-send', 'server', 's'), true);
    assert.equal(validate('ix-server-send', 'server', 'gone'), 'validator.errors.missing-config');
    configNodes.s = { id: 's', type: 'ix-server', valid: false };
    assert.equal(validate('ix-server-send', 'server', 's'), 'validator.errors.invalid-config');
  });
});

describe('the secrets of a server', () => {
  it('are asked for by its authentication', () => {
    for (const name of ['user', 'password']) assert.match(String(validate('ix-server', name, '', { auth: 'basic' })), / is required\.$/);
    assert.match(String(validate('ix-server', 'token', '', { auth: 'bearer' })), / is required\.$/);
    assert.equal(validate('ix-server', 'token', '', { auth: 'basic' }), true);
    assert.equal(validate('ix-server', 'password', '__PWRD__', { auth: 'basic' }), true);
  });
});
