import assert from 'node:assert/strict';
import { configNodes, definitions } from './built';

const label = (type: string, node: Record<string, unknown>) =>
  definitions[type]?.label.call({ ...definitions[type], type, ...node } as never);

describe('the labels of nodes', () => {
  const addresses: readonly [type: string, node: Record<string, unknown>, label: string][] = [
    ['ix-client', { URL: 'wss://broker.example/feed' }, 'broker.example/feed'],
    ['ix-client', { URL: ' ws://127.0.0.1:8086/ ' }, '127.0.0.1:8086'],
    ['ix-client', { URL: 'ws://h/feed?token=secret' }, 'h/feed'],
    ['ix-client', { URL: 'ws://me:secret@h/feed' }, 'me:***@h/feed'],
    ['ix-client', { URL: '${URL}' }, '${URL}'],
    ['ix-client', { URL: '' }, 'WebSocket client'],
    ['ix-server', { host: '', port: '' }, '127.0.0.1:8080'],
    ['ix-server', { host: '::', port: 8086 }, '[::]:8086'],
    ['ix-server', { listenOn: 'node-red', path: '/chat?token=secret' }, '/chat'],
  ];
  for (const [type, node, text] of addresses) {
    it(`${type} ${JSON.stringify(node)}: ${text}`, () => assert.equal(label(type, node), text));
  }

  it('on the canvas say what a node does, and to which socket', () => {
    configNodes.c = { type: 'ix-client', URL: 'wss://broker.example/feed?token=secret' };
    configNodes.s = { type: 'ix-server', host: '127.0.0.1', port: '8086' };
    configNodes.named = { type: 'ix-server', name: 'Kitchen' };
    assert.equal(label('ix-client-send', { client: 'c' }), 'out · broker.example/feed');
    assert.equal(label('ix-server-events', { server: 's' }), 'in · 127.0.0.1:8086');
    assert.equal(label('ix-server-disconnect', { server: 'named' }), 'disconnect · Kitchen');
  });

  it('on the canvas are those of the palette where a node names no socket', () => {
    assert.equal(label('ix-server-events', { server: '' }), 'websocket server in');
    assert.equal(label('ix-server-send', { server: 'gone' }), 'websocket server out');
    assert.equal(label('ix-set-method', {}), 'set method');
  });
});
