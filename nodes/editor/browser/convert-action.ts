/** The editor action that replaces the WebSocket nodes of Node-RED's core. Nothing is deployed, and one undo restores them. */
import { type Conversion, convertCore, type FlowItem, isCoreType, isFlowType, type KeptBecause } from '../core-conversion';
import { word } from './translate';

const action = 'ix:convert-core-websockets';
const menuItem = 'ix-websocket-convert-core';

/** Adds the action to the command palette and to the main menu. */
export function addActions(): void {
  const label = word('convert.action');
  // The page is loaded again when the package is enabled again.
  RED.actions.remove(action);
  RED.actions.add(action, run, { label });
  RED.menu.removeItem(menuItem);
  RED.menu.addItem('red-ui-header-button-sidemenu', { id: menuItem, label, onselect: action });
}

function run(): void {
  const items = RED.nodes.createCompleteNodeSet({ credentials: false }).filter(({ type }) => isCoreType(type));
  const selected = selection();
  const conversion = convertCore(items, { selected, keep });
  // The labels are those of the nodes that are replaced.
  const answer = report(conversion, selected !== undefined);
  if (conversion.nodes.length > 0) replace(conversion.nodes);
  show(answer);
}

/** Returns the ids of the selected nodes, with those in selected groups and flows. @returns `undefined` if nothing is selected. */
function selection(): ReadonlySet<string> | undefined {
  const { nodes = [], flows = [] } = RED.view.selection();
  if (nodes.length === 0 && flows.length === 0) return undefined;
  const ids = new Set<string>();
  const add = (node: EditorNode): void => {
    ids.add(node.id);
    if (node.type === 'group') for (const member of node.nodes as EditorNode[]) add(member);
  };
  for (const node of nodes) add(node);
  for (const { id } of flows) RED.nodes.eachNode((node) => void (node.z === id && add(node)));
  return ids;
}

/** Returns why a node may not be replaced: it is locked, or a client or server that nodes of other packages use. */
function keep({ id, z }: FlowItem): KeptBecause | undefined {
  const flow = RED.nodes.workspace(String(z)) ?? RED.nodes.subflow(String(z));
  if (flow?.locked) return 'locked';
  const { users = [] } = RED.nodes.node(id) as { users?: readonly EditedNode[] };
  return users.some(({ type }) => !isFlowType(type)) ? 'foreign' : undefined;
}

/** Replaces nodes by those with the same ids, as one step of the editor's history. */
function replace(items: readonly FlowItem[]): void {
  const dirty = RED.nodes.dirty();
  const old = items.map(({ id }) => RED.nodes.node(id) as EditorNode);
  const links = linksOf(old);
  for (const link of links) RED.nodes.removeLink(link);
  remove(old);
  // Options that are not mentioned get the defaults of new nodes. Wires to nodes outside the import would be dropped.
  const bare = items.map((item) => (item.wires ? { ...item, wires: [] } : item));
  RED.nodes.import(bare, { reimport: true, markChanged: true, applyNodeDefaults: true });
  const added = items.map(({ id }) => RED.nodes.node(id) as EditorNode);
  added.forEach((node, index) => void takePlace(node, old[index]));
  const inPlace = (end: EditorNode) => added.find(({ id }) => id === end.id) ?? end;
  const newLinks = links.map(({ source, sourcePort, target }) => ({ source: inPlace(source), sourcePort, target: inPlace(target) }));
  for (const link of newLinks) RED.nodes.addLink(link);
  const isConfig = ({ id }: EditorNode) => items.some((item) => item.id === id && !item.wires);
  const isFlow = (node: EditorNode) => !isConfig(node);
  const idsOf = (nodes: readonly EditorNode[]) => nodes.map(({ id }) => id);
  // Undo and redo run these in turn, so config nodes are there before their users.
  const events = [
    { t: 'delete', nodes: old.filter(isFlow), links },
    { t: 'delete', nodes: old.filter(isConfig) },
    { t: 'add', nodes: idsOf(added.filter(isConfig)) },
    { t: 'add', nodes: idsOf(added.filter(isFlow)), links: newLinks },
  ];
  RED.history.push({ t: 'multi', events, dirty });
  RED.nodes.dirty(true);
  RED.view.redraw(true);
}

/** Returns the wires of nodes, with the other wires of the same sources. All are made again, so their order stays. */
function linksOf(nodes: readonly EditorNode[]): readonly Link[] {
  const ids = new Set(nodes.map(({ id }) => id));
  const sources = new Set(ids);
  RED.nodes.eachLink(({ source, target }) => void (ids.has(target.id) && sources.add(source.id)));
  const links: Link[] = [];
  RED.nodes.eachLink((link) => void (sources.has(link.source.id) && links.push(link)));
  return links;
}

/** Removes nodes, also from their groups. */
function remove(nodes: readonly EditorNode[]): void {
  // The users of a config node are removed before it.
  for (const node of [...nodes].reverse()) {
    RED.nodes.remove(node.id);
    const group = node.g && RED.nodes.group(node.g);
    if (!group) continue;
    const index = group.nodes.findIndex(({ id }) => id === node.id);
    if (index >= 0) group.nodes.splice(index, 1);
    RED.group.markDirty(group);
  }
}

/** Gives a new node the size and the group of the old one. The view measures it when it is drawn. */
function takePlace(node: EditorNode, { w, h, g }: Partial<EditorNode> = {}): void {
  if (w !== undefined) Object.assign(node, { w, h, resize: true });
  const group = g && RED.nodes.group(g);
  if (!group) return;
  node.g = g;
  group.nodes.push(node);
  RED.group.markDirty(group);
}

/** Returns what was done, and what was not, as sentences. */
function report({ nodes, kept, along, hasServer }: Conversion, isSelection: boolean): readonly string[] {
  const sockets = nodes.filter(({ wires }) => !wires).length;
  if (nodes.length + kept.length === 0) return [word(isSelection ? 'convert.noneSelected' : 'convert.none')];
  const labelOf = (id: string) => RED.utils.getNodeLabel(RED.nodes.node(id), id);
  return [
    ...(nodes.length > 0 ? [word('convert.done', { nodes: nodes.length - sockets, sockets })] : []),
    ...(along > 0 ? [word('convert.along', { count: along })] : []),
    ...kept.map(({ id, reason }) => word(reasons[reason], { node: labelOf(id) })),
    ...(hasServer && RED.settings.ixServerCoreVerifyClient ? [word('convert.verifyClient')] : []),
  ];
}

const reasons: Record<KeptBecause, string> = {
  missing: 'convert.missing',
  address: 'convert.address',
  locked: 'convert.locked',
  foreign: 'convert.foreign',
};

/** Shows sentences until they are closed. They hold names of nodes, so they are text. */
function show([first = '', ...others]: readonly string[]): void {
  const content = $('<div>').append($('<p>').text(first));
  if (others.length > 0) content.append($('<ul>').append(others.map((sentence) => $('<li>').text(sentence))));
  const notification = RED.notify(content, {
    id: menuItem,
    type: others.length > 0 ? 'warning' : 'success',
    fixed: true,
    buttons: [{ text: RED._('common.label.close'), class: 'primary', click: () => notification.close() }],
  });
}
