import assert from 'node:assert/strict';
import { EditorPage, type Item } from './editor-page';
import { type Launched, launch } from './launch';

/** The part of the editor's interface that the tests use. Functions passed to the page run there. */
declare const RED: {
  nodes: {
    node(id: string): (Item & { users?: { id: string }[]; g?: string }) | null;
    group(id: string): { nodes: { id: string }[] };
    dirty(isDirty?: boolean): boolean;
  };
  actions: { invoke(name: string): void; list(): { id: string; label: string }[] };
  view: { select(selection: { nodes?: unknown[] }): void };
};

const at = (x: number, y: number, z = 'tab') => ({ z, x, y });
const flow: Item[] = [
  { id: 'tab', type: 'tab', label: 'One' },
  { id: 'tab2', type: 'tab', label: 'Two' },
  { id: 'group', type: 'group', z: 'tab', name: 'g', nodes: ['in', 'change'], x: 50, y: 40, w: 400, h: 100, style: {} } as Item,
  { id: 'l', type: 'websocket-listener', path: '/one', wholemsg: 'false' },
  { id: 'l2', type: 'websocket-listener', path: '/two', wholemsg: 'true' },
  { id: 't', type: 'tls-config', name: 'tls', verifyservercert: true },
  { id: 'c', type: 'websocket-client', path: 'wss://127.0.0.1:1/', tls: 't', wholemsg: 'false', hb: '20', subprotocol: 'a', headers: [] },
  { id: 'in', type: 'websocket in', ...at(150, 80), g: 'group', name: 'mine', server: 'l', client: '', wires: [['change', 'out']] },
  { id: 'change', type: 'change', ...at(330, 80), g: 'group', name: '', rules: [], wires: [['out', 'cout']] },
  { id: 'out', type: 'websocket out', ...at(550, 80), name: '', server: 'l', client: '', wires: [] },
  { id: 'cout', type: 'websocket out', ...at(550, 160), name: '', server: '', client: 'c', wires: [] },
  { id: 'cin', type: 'websocket in', ...at(150, 240), name: '', server: '', client: 'c', wires: [['dbg']] },
  { id: 'dbg', type: 'debug', ...at(330, 240), name: '', active: false, tosidebar: false, wires: [] },
  { id: 'orphan', type: 'websocket out', ...at(550, 240), name: 'orphan', server: 'gone', client: '', wires: [] },
  { id: 'status', type: 'status', ...at(150, 320), name: '', scope: ['in', 'cin'], wires: [['dbg']] },
  { id: 'in2', type: 'websocket in', ...at(150, 80, 'tab2'), name: '', server: 'l2', client: '', wires: [['out2']] },
  { id: 'out2', type: 'websocket out', ...at(350, 80, 'tab2'), name: '', server: 'l2', client: '', wires: [] },
];
/** A subflow whose ports are wired to core nodes, and core nodes on a locked flow. */
const special: Item[] = [
  {
    ...{ id: 'sub', type: 'subflow', name: 'Sub', info: '', category: '', env: [], color: '#DDAA99' },
    in: [{ x: 40, y: 80, wires: [{ id: 'sout' }] }],
    out: [{ x: 400, y: 80, wires: [{ id: 'sin', port: 0 }] }],
  },
  { id: 'locked', type: 'tab', label: 'Locked', locked: true },
  { id: 'ls', type: 'websocket-listener', path: '/sub', wholemsg: 'false' },
  { id: 'll', type: 'websocket-listener', path: '/locked', wholemsg: 'false' },
  { id: 'sin', type: 'websocket in', ...at(200, 140, 'sub'), name: '', server: 'ls', client: '', wires: [[]] },
  { id: 'sout', type: 'websocket out', ...at(200, 80, 'sub'), name: '', server: 'ls', client: '', wires: [] },
  { id: 'lin', type: 'websocket in', ...at(150, 80, 'locked'), name: 'in of locked', server: 'll', client: '', wires: [[]] },
  { id: 'lout', type: 'websocket out', ...at(150, 400), name: 'out of locked', server: 'll', client: '', wires: [] },
];
const action = 'ix:convert-core-websockets';

describe('the conversion of core nodes in the editor', function () {
  this.timeout(60_000);
  let nodeRed: Launched | undefined;
  let editor: EditorPage;
  const invoke = () => editor.page.evaluate((name) => RED.actions.invoke(name), action);
  const undo = () => editor.page.evaluate(() => RED.actions.invoke('core:undo'));
  const redo = () => editor.page.evaluate(() => RED.actions.invoke('core:redo'));
  const select = (...ids: string[]) =>
    editor.page.evaluate((list) => RED.view.select({ nodes: list.map((id) => RED.nodes.node(id)) }), ids);
  const users = (id: string) => editor.page.evaluate((of) => (RED.nodes.node(of)?.users ?? []).map((user) => user.id).sort(), id);
  const said = () => editor.page.locator('.red-ui-notification').last().textContent();
  const sorted = (nodes: Record<string, Item>) =>
    Object.fromEntries(
      Object.entries(nodes).map(([id, node]) => [
        id,
        node.type === 'group' ? { ...node, nodes: [...(node.nodes as string[])].sort() } : node,
      ]),
    );

  before(async () => {
    nodeRed = await launch([...flow, ...special], 'webSocketNodeVerifyClient: () => true');
    await nodeRed.ready();
    editor = await EditorPage.open(nodeRed.url);
    await editor.page.waitForFunction(() => RED.nodes.node('lout'));
  });
  after(async () => {
    await editor?.close();
    await nodeRed?.stop();
  });

  it('is in the main menu and in the command palette', async () => {
    const label = await editor.page.evaluate((name) => RED.actions.list().find(({ id }) => id === name)?.label, action);
    assert.equal(label, 'Convert WebSocket nodes');
    assert.equal((await editor.page.locator('#ix-websocket-convert-core').textContent())?.trim(), label);
  });

  it('of everything keeps wires, names, groups and places, and is undone in one step', async () => {
    const before = await editor.nodes();
    await select();
    await editor.page.click('#red-ui-header-button-sidemenu');
    await editor.page.click('#ix-websocket-convert-core');
    const after = await editor.nodes();
    const types = Object.fromEntries(Object.entries(after).map(([id, { type }]) => [id, type]));
    assert.deepEqual(
      ['l', 'l2', 'c', 'in', 'out', 'cin', 'cout', 'in2', 'out2', 'orphan'].map((id) => types[id]),
      [
        ...['ix-server', 'ix-server', 'ix-client', 'ix-server-events', 'ix-server-send'],
        ...['ix-client-events', 'ix-client-send', 'ix-server-events', 'ix-server-send', 'websocket out'],
      ],
    );
    const { in: node, cout } = after;
    assert.deepEqual(node?.wires, [['change', 'out'], [], [], []]);
    assert.deepEqual({ z: node?.z, x: node?.x, y: node?.y, g: node?.g, name: node?.name }, { ...at(150, 80), g: 'group', name: 'mine' });
    assert.deepEqual(after.change, before.change);
    assert.deepEqual(after.status, before.status);
    assert.deepEqual(sorted(after).group?.nodes, ['change', 'in']);
    assert.deepEqual(after.in2?.wires, [['out2'], [], [], []]);
    assert.equal(after.in2?.z, 'tab2');
    assert.equal(cout?.client, 'c');
    assert.deepEqual(
      [after.c?.URL, after.c?.tlsConfig, after.c?.pingInterval, after.c?.subProtocols],
      ['wss://127.0.0.1:1/', 't', 20, ['a']],
    );
    assert.equal(after.out2?.sends, 'message');
    assert.deepEqual(await users('c'), ['cin', 'cout']);
    assert.deepEqual(await users('t'), ['c']);
    for (const id of ['l', 'l2', 'c', 'in', 'out', 'cin', 'cout', 'in2', 'out2']) assert.deepEqual(await editor.wrong(id), [], id);

    const text = await said();
    assert.match(String(text), /8 nodes, 4 clients and servers/);
    for (const name of ['in', 'out']) assert.match(String(text), new RegExp(`Not replaced: ${name} of locked\\. .* on a locked flow`));
    assert.deepEqual([after.lin?.type, after.lout?.type, after.ll?.type], ['websocket in', 'websocket out', 'websocket-listener']);
    assert.deepEqual([after.sin?.type, after.sin?.z, after.sout?.type], ['ix-server-events', 'sub', 'ix-server-send']);
    assert.deepEqual(JSON.parse(JSON.stringify(after.sub)), JSON.parse(JSON.stringify(before.sub)), 'the ports of the subflow');
    assert.match(String(text), /Not replaced: orphan\. Its client or server does not exist/);
    assert.match(String(text), /webSocketNodeVerifyClient/);
    assert.equal((await editor.deployed()).in?.type, 'websocket in', 'nothing is deployed');
    assert.equal(await editor.page.evaluate(() => RED.nodes.dirty()), true);

    await undo();
    assert.deepEqual(sorted(await editor.nodes()), sorted(before));
    assert.equal(await editor.page.evaluate(() => RED.nodes.dirty()), false);
    assert.deepEqual(await users('c'), ['cin', 'cout']);
    await redo();
    assert.deepEqual(sorted(await editor.nodes()), sorted(after));
    assert.deepEqual(await users('c'), ['cin', 'cout']);
    assert.deepEqual(await users('t'), ['c']);
    await undo();
  });

  it('of a selection converts what uses the same client or server, and nothing else', async () => {
    await select('cout', 'dbg');
    await invoke();
    const after = await editor.nodes();
    assert.deepEqual(
      ['c', 'cin', 'cout', 'l', 'in', 'l2'].map((id) => after[id]?.type),
      ['ix-client', 'ix-client-events', 'ix-client-send', 'websocket-listener', 'websocket in', 'websocket-listener'],
    );
    assert.match(String(await said()), /Nodes outside the selection .*: 1\./);
    await undo();
  });

  it('of a selected group converts the nodes in it', async () => {
    await editor.page.evaluate(() => RED.view.select({ nodes: [RED.nodes.group('group')] }));
    await invoke();
    const after = await editor.nodes();
    assert.deepEqual(
      ['in', 'out', 'l', 'c'].map((id) => after[id]?.type),
      ['ix-server-events', 'ix-server-send', 'ix-server', 'websocket-client'],
    );
    await undo();
    assert.deepEqual(sorted(await editor.nodes()).group?.nodes, ['change', 'in']);
  });

  it('of a selection without core nodes says so', async () => {
    await select('dbg');
    await invoke();
    assert.match(String(await said()), /The selection has no core WebSocket nodes/);
    assert.equal(await editor.page.evaluate(() => RED.nodes.dirty()), false);
  });

  it('can be deployed, without what only the editor has', async () => {
    await select();
    await invoke();
    await editor.deploy();
    const deployed = await editor.deployed();
    assert.equal(deployed.in?.type, 'ix-server-events');
    assert.deepEqual(deployed.in?.wires, [['change', 'out'], [], [], []]);
    assert.deepEqual(editor.problems, []);
  });
});
