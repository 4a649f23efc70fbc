import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { Node } from '@node-red/registry';
import { english, flat } from '../../nodes/editor/build/catalogue';
import type { RED, Socket } from '../../nodes/runtime/red';
import { StatusLine } from '../../nodes/runtime/status';
import type { Change } from '../../src/core/endpoint';
import { callerErrors, optionError } from '../../src/core/errors';
import { Listeners } from '../../src/core/events';
import type { State } from '../../src/core/lifecycle';
import { fill } from '../../src/options/expectations';
import { fakeClock } from '../helpers/clock';
import { run } from '../helpers/flow';
import { closedPort, wsClient, wsServer } from '../helpers/peers';
import { server, TestLog } from '../helpers/sockets';
import { teardown } from '../helpers/teardown';
import { inNodeRed, nodesOf, until } from './suite';

const tried = { brief: 'status', http_status: 503, errorStr: '', retryable: true } as const;
const words = flat({ 'ix-websocket': english().editor });

/** Returns a node's status in English, as the editor shows it. */
function shown() {
  const node = Object.assign(new EventEmitter(), {
    status: ({ text = '', ...appearance }: { text?: string }) => statuses.push({ ...appearance, text: words[text] ?? text, given: text }),
  });
  const statuses: { fill?: string; shape?: string; text: string; given: string }[] = [];
  const RED = { _: (key: string, values: Record<string, string>) => fill(words[key] ?? key, values) };
  const line = new StatusLine(RED as unknown as RED, node as unknown as Node);
  after(() => void node.emit('close'));
  return { line, last: () => statuses.at(-1), close: () => node.emit('close') };
}

/** Returns the status of a node that begins to follow a socket in this state. */
function appearanceOf(side: Socket['side'], status: Change) {
  const { line, last, close } = shown();
  line.follow({ side, status, changes: new Listeners(new TestLog()) } as unknown as Socket);
  close();
  return last();
}

describe('a status', () => {
  afterEach(teardown);

  const away = new Date(2026, 0, 31, 12, 3, 59);
  const queues: readonly (readonly [Parameters<StatusLine['queue']>[0], string])[] = [
    [{ waiting: 0, limit: 10, full: false, failure: undefined, lost: undefined, away: undefined }, 'green dot 0 of 10 queued'],
    [{ waiting: 3, limit: 10, full: false, failure: tried, lost: undefined, away: undefined }, 'yellow ring HTTP 503; 3 of 10 queued'],
    [
      { waiting: 3, limit: 10, full: false, failure: undefined, lost: { brief: 'refused' }, away: undefined },
      'red ring refused; 3 of 10 queued',
    ],
    [
      { waiting: 3, limit: 10, full: false, failure: tried, lost: { brief: 'refused' }, away: undefined },
      'yellow ring HTTP 503; 3 of 10 queued',
    ],
    [{ waiting: 10, limit: 10, full: true, failure: tried, lost: undefined, away: undefined }, 'red ring queue full; 10 of 10 queued'],
    [{ waiting: 812, limit: 1000, full: false, failure: tried, lost: undefined, away }, 'yellow ring 4D away since 12:03, 812 waiting'],
    [{ waiting: 10, limit: 10, full: true, failure: tried, lost: undefined, away }, 'red ring 4D away since 12:03, 10 waiting'],
  ];
  for (const [status, wanted] of queues) {
    it(`of a hook is ${wanted}`, () => {
      const { line, last, close } = shown();
      line.queue(status);
      close();
      const { fill: colour, shape, text } = last() ?? {};
      assert.equal(`${colour} ${shape} ${text}`, wanted);
    });
  }

  const rows: readonly (readonly [Socket['side'], Change, string])[] = [
    ['client', { state: 'idle' }, 'grey ring stopped'],
    ['client', { state: 'opening' }, 'yellow ring connecting'],
    ['client', { state: 'open' }, 'green dot connected'],
    ['client', { state: 'open', unverified: true }, 'yellow dot connected, unverified'],
    ['client', { state: 'waiting' }, 'yellow ring connecting'],
    ['client', { state: 'waiting', wait: 6400, failure: { brief: 'refused' } }, 'yellow ring refused, retrying in 6.4 s'],
    ['client', { state: 'waiting', wait: 3, failure: { brief: 'refused' } }, 'yellow ring refused, retrying in 0.1 s'],
    ['client', { state: 'waiting', wait: 100, failure: { brief: 'status', http_status: 503 } }, 'yellow ring HTTP 503, retrying in 0.1 s'],
    ['client', { state: 'waiting', wait: 3, queued: 12, limit: 1000 }, 'yellow ring 12 of 1000 waiting'],
    ['client', { state: 'open', queued: 1, limit: 10 }, 'green dot 1 of 10 waiting'],
    ['client', { state: 'idle', failure: { brief: 'timedOut', option: 'URL', http_status: 0 } }, 'red ring timed out'],
    ['client', { state: 'idle', failure: { brief: 'status', http_status: 404 } }, 'red ring HTTP 404'],
    ['client', { state: 'idle', failure: { brief: 'ended', code: 1006 } }, 'red ring closed: 1006'],
    ['client', { state: 'closing' }, 'yellow ring closing'],
    ['client', { state: 'cleared' }, 'grey ring cleared'],
    ['server', { state: 'waiting', wait: 6400, failure: { brief: 'portInUse' } }, 'red ring port in use, retrying in 6.4 s'],
    ['server', { state: 'idle', connections: 0 }, 'grey ring stopped'],
    ['server', { state: 'open', connections: 3 }, 'green dot 3 connected'],
    ['server', { state: 'idle', failure: { brief: 'portInUse', option: 'port' } }, 'red ring port in use'],
  ];
  for (const [side, change, appearance] of rows) {
    it(`of a ${side} ${JSON.stringify(change)} is ${appearance}`, () => {
      const { fill, shape, text } = appearanceOf(side, change) ?? {};
      assert.equal(`${fill} ${shape} ${text}`, appearance);
    });
  }

  it('is a key of the catalogue where it has no value in it: the editor translates it for its reader', () => {
    const states: readonly State[] = ['idle', 'opening', 'open', 'waiting', 'closing', 'cleared'];
    for (const state of states) {
      const { given = '' } = appearanceOf('client', { state }) ?? {};
      assert.ok(given in words, given);
    }
    assert.equal(
      appearanceOf('client', { state: 'idle', failure: { brief: 'refused', option: 'URL' } })?.given,
      'ix-websocket.failures.refused',
    );
  });

  const failures: readonly (readonly [unknown, string])[] = [
    [optionError('The option port must be a whole number.', undefined, 'port'), 'check port'],
    [optionError('The TLS options cannot be used together.'), 'check the options'],
    [callerErrors.noneNamed('client'), 'no such socket'],
    [callerErrors.running('client', 1, 'open'), 'not possible now'],
    [new Error('anything'), 'failed'],
    [
      'Could not connect to ws://127.0.0.1:9/: 127.0.0.1:9 refused the connection (ECONNREFUSED). Is …',
      '127.0.0.1:9 refused the connection',
    ],
    ['The message was not sent: client 1 is not open (closed). Start it first.', 'client 1 is not open'],
  ];
  for (const [error, text] of failures) {
    it(`of a command that failed with "${error}" is "${text}"`, () => {
      const { line, last, close } = shown();
      line.fail(error);
      close();
      assert.deepEqual([last()?.fill, last()?.text], ['red', text]);
    });
  }

  /** Returns a line that follows an open server, and its changes. */
  function following() {
    const clock = fakeClock();
    const { line, last, close } = shown();
    const status: Change = { state: 'open', connections: 1 };
    const changes = new Listeners<Change>(new TestLog());
    line.follow({ side: 'server', status, changes } as unknown as Socket);
    return { clock, line, changes, status, last, close };
  }

  it('of a failed command hides the state of the socket for 10 s at most', () => {
    const { clock, line, last, close } = following();
    for (let i = 0; i < 9; i++) {
      line.fail(callerErrors.nothingToSend(null));
      clock.tick(1000);
      assert.equal(last()?.text, 'nothing to send');
    }
    clock.tick(1300);
    assert.equal(last()?.text, '1 connected');
    close();
  });

  it('of a refused upgrade is shown for 10 s, while connections come', () => {
    const { clock, changes, status, last, close } = following();
    changes.emit({ ...status, refusal: { kind: 'origin', http_status: 403, reason: '', detail: 'hoppscotch.io' } });
    clock.tick(300);
    changes.emit({ ...status, connections: 2 });
    clock.tick(9000);
    assert.deepEqual([last()?.fill, last()?.text], ['red', 'refused: origin hoppscotch.io (403)']);
    clock.tick(1300);
    assert.equal(last()?.text, '2 connected');
    close();
  });

  it('of a refused upgrade goes when the server stops', () => {
    const { clock, changes, status, last, close } = following();
    changes.emit({ ...status, refusal: { kind: 'loginWrong', http_status: 401, reason: '' } });
    clock.tick(300);
    assert.equal(last()?.text, 'refused: wrong credentials (401)');
    changes.emit({ state: 'idle' });
    clock.tick(300);
    assert.equal(last()?.text, 'stopped');
    close();
  });

  it('that cannot be shown when its time comes is logged', () => {
    const clock = fakeClock();
    const thrown: string[] = [];
    let fails = false;
    const status = () => {
      if (fails) throw new Error('no status');
    };
    const node = Object.assign(new EventEmitter(), { status, error: (sentence: string) => thrown.push(sentence) });
    const line = new StatusLine({ _: String } as unknown as RED, node as unknown as Node);
    line.fail('The first.');
    line.fail('The second.');
    fails = true;
    clock.tick(250);
    assert.deepEqual(thrown.length, 1);
    assert.match(thrown[0] ?? '', /no status/);
    node.emit('close');
  });

  it('of a node that comes later has the connections that are there', async () => {
    const harness = await server({ port: 0 }).open();
    await wsClient(harness.url());
    await wsClient(harness.url());
    const { line, last, close } = shown();
    line.follow(harness.socket);
    close();
    assert.equal(last()?.text, '2 connected');
  });
});

describe('the status of a config node', () => {
  inNodeRed();

  const status = { id: 'status', type: 'status', scope: null, wires: [['heard']] };
  const heard = { id: 'heard', type: 'helper' };

  it('reaches the Status nodes of the flows that use it', async () => {
    const peer = await wsServer();
    const flow = await run([{ id: 'c', type: 'ix-client', URL: peer.url }, ...nodesOf('client', 'start', 'c'), status, heard]);
    await flow.command('start');
    await until(
      () => flow.out('heard').all.some(({ status: { text, source } }) => source.id === 'c' && text === 'ix-websocket.status.connected'),
      'connected',
    );
  });

  it('says in red why a start that nobody asked for failed, and so do those of its users', async () => {
    const port = (await wsServer()).port;
    const flow = await run([
      { id: 's', type: 'ix-server', port, autoStart: true },
      { id: 'e', type: 'ix-server-events', server: 's' },
    ]);
    const text = 'ix-websocket.status.waiting';
    await until(() => flow.status('s').text === text && flow.status('e').text === text, 'port in use');
    assert.equal(flow.status('e').fill, 'red');
  });

  it('says why it waits, and has no placeholder left in it', async () => {
    const flow = await run([{ id: 'c', type: 'ix-client', URL: `ws://127.0.0.1:${await closedPort()}/`, autoStart: true }]);
    await until(() => flow.status('c').text === 'ix-websocket.status.waiting', 'waiting');
    assert.ok(flow.statuses.every(({ status: { text = '' } }) => !text.includes('__')));
  });
});

describe('the status of a node that names no socket', () => {
  inNodeRed();
  const told = (flow: Awaited<ReturnType<typeof run>>, of: string) =>
    flow.statuses.filter(({ id }) => id === of).map(({ status }) => status);

  it('is shown, and disappears when the node is set to *From the message*', async () => {
    const nodes = nodesOf('server', 'send', '');
    const flow = await run([...nodes, { id: 'stop', type: 'ix-client-stop' }, { id: 'heard', type: 'ix-server-events' }]);
    const unselected = { fill: 'yellow', shape: 'ring', text: 'ix-websocket.status.noServer' };
    assert.deepEqual(told(flow, 'send'), [unselected]);
    assert.deepEqual(told(flow, 'stop'), [{ ...unselected, text: 'ix-websocket.status.noClient' }]);
    assert.deepEqual(told(flow, 'heard'), []);
    await flow.deploy(
      nodes.map((item) => ({ ...item, fromMessage: true })),
      'nodes',
    );
    assert.deepEqual(told(flow, 'send'), [unselected, {}]);
  });
});

describe('the status of a create node', () => {
  inNodeRed();

  it('says that the sockets go with it when they do, and does not stay', async () => {
    const created = [
      { id: 'create', type: 'ix-client-create' },
      { id: 'idle', type: 'ix-client-create' },
    ];
    const flow = await run(created);
    await flow.command('create', {});
    await flow.deploy(
      created.map((item) => ({ ...item, name: 'changed' })),
      'nodes',
    );
    const told = (of: string) => flow.statuses.flatMap(({ id, status }) => (id === of ? [status.text ?? ''] : []));
    assert.deepEqual([told('create'), told('idle')], [['ix-websocket.status.cleared', ''], []]);
  });
});
