/**
 * The nodes of this package that replace the WebSocket nodes of Node-RED's core. Pure: from flow JSON to flow JSON. Each node keeps its id,
 * so that wires, groups and the scopes of Catch, Status and Complete nodes stay valid.
 */

/** A node as flow JSON has it. */
export interface FlowItem {
  readonly id: string;
  readonly type: string;
  readonly [property: string]: unknown;
}

/** The cause for which a core node is not replaced. */
export type KeptBecause = 'missing' | 'address' | 'locked' | 'foreign';

export interface Conversion {
  /** The new nodes, each with the id of the node that it replaces; config nodes first. */
  readonly nodes: readonly FlowItem[];
  /** The core nodes that stay. */
  readonly kept: readonly { readonly id: string; readonly reason: KeptBecause }[];
  /** The number of flow nodes outside the selection that use a selected client or server. */
  readonly along: number;
  /** True if a server is among the new nodes. */
  readonly hasServer: boolean;
}

/** The knowledge of the editor that flow JSON lacks. */
export interface Scope {
  /** Ids of the selected nodes. Absent: all nodes. */
  readonly selected?: ReadonlySet<string> | undefined;
  /** Returns why a node may not be replaced. */
  readonly keep?: (item: FlowItem) => KeptBecause | undefined;
}

const flowTypes = ['websocket in', 'websocket out'];
const configTypes = ['websocket-listener', 'websocket-client'];

export const isCoreType = (type: string) => isFlowType(type) || configTypes.includes(type);
export const isFlowType = (type: string) => flowTypes.includes(type);

/**
 * Converts core nodes. All nodes of a client or server are converted together, since one path cannot have two servers.
 *
 * @param items may hold nodes of any type; others are ignored.
 */
export function convertCore(items: readonly FlowItem[], { selected, keep = () => undefined }: Scope = {}): Conversion {
  const isSelected = ({ id }: FlowItem) => !selected || selected.has(id);
  const flowNodes = items.filter(({ type }) => isFlowType(type));
  const usersOf = (config: FlowItem) => flowNodes.filter((node) => configId(node) === config.id);
  const configs = items.filter(({ type }) => configTypes.includes(type));
  const ids = new Set(configs.map(({ id }) => id));
  const kept = flowNodes
    .filter((node) => isSelected(node) && !ids.has(configId(node)))
    .map(({ id }) => ({ id, reason: 'missing' as KeptBecause }));
  const [sockets, nodes]: [FlowItem[], FlowItem[]] = [[], []];
  let along = 0;
  for (const config of configs) {
    const users = usersOf(config);
    const chosen = users.filter(isSelected);
    if (chosen.length === 0 && !(isSelected(config) && (!selected || users.length === 0))) continue;
    const side = sideOf(config);
    const reason = side ? [config, ...users].map(keep).find((one) => one !== undefined) : 'address';
    if (reason || !side) {
      kept.push(...(chosen.length > 0 ? chosen : [config]).map(({ id }) => ({ id, reason: reason ?? 'address' })));
      continue;
    }
    const isEntire = config.wholemsg === 'true' || config.wholemsg === true;
    sockets.push(side === 'client' ? clientOf(config) : serverOf(config));
    nodes.push(...users.map((node) => flowNodeOf(node, side, isEntire)));
    along += users.length - chosen.length;
  }
  return { nodes: [...sockets, ...nodes], kept, along, hasServer: sockets.some(({ type }) => type === 'ix-server') };
}

const text = (value: unknown): string => (typeof value === 'string' ? value.trim() : '');

/** The core nodes use the client if both are set. */
const configId = ({ client, server }: FlowItem): string => text(client) || text(server);

/** The core nodes go by the path: a listener with a URL is a client. An environment variable may hold either. */
function sideOf({ type, path }: FlowItem): 'client' | 'server' | undefined {
  if (/^wss?:\/\//i.test(text(path))) return 'client';
  if (type === 'websocket-listener') return 'server';
  return text(path).includes('${') ? 'client' : undefined;
}

function flowNodeOf(item: FlowItem, side: 'client' | 'server', isEntire: boolean): FlowItem {
  const { client, server, wires, type, ...kept } = item;
  const first = Array.isArray(wires) ? wires[0] : undefined;
  const common = { ...kept, name: kept.name ?? '', [side]: configId(item) };
  if (type === 'websocket in') {
    return { ...common, type: `ix-${side}-events`, output: isEntire ? 'message' : 'data', method: '', wires: [first ?? [], [], [], []] };
  }
  return {
    ...common,
    type: `ix-${side}-send`,
    sends: isEntire ? 'message' : 'payload',
    payloadIs: 'message',
    message: 'payload',
    messageType: 'msg',
    ...(side === 'server' && { to: 'session' }),
    wires: [[]],
  };
}

/** The largest message that the core nodes accept. So many bytes may wait for a peer too, because the core nodes have no limit for them. */
const maxPayload = 104857600;
/** The core nodes do not limit connections. */
const maxConnections = 65535;

/** Returns the properties that every node has, without those of the core type. */
function configOf({ path, wholemsg, hb, subprotocol, headers, tls, ...kept }: FlowItem, type: string): FlowItem {
  return {
    ...kept,
    type,
    name: kept.name ?? '',
    autoStart: true,
    subProtocols: subProtocols(subprotocol),
    maxPayload,
    maxBufferedAmount: maxPayload,
  };
}

function serverOf(item: FlowItem): FlowItem {
  const path = text(item.path);
  return {
    ...configOf(item, 'ix-server'),
    listenOn: 'node-red',
    path: /^(\/|\$\{)/.test(path) ? path : `/${path}`,
    allowedOrigins: ['*'],
    subProtocolFallback: 'first',
    maxConnections,
  };
}

function clientOf(item: FlowItem): FlowItem {
  return {
    ...configOf(item, 'ix-client'),
    URL: text(item.path),
    headers: headersOf(item.headers),
    pingInterval: seconds(item.hb),
    tlsConfig: text(item.tls) === '_ADD_' ? '' : text(item.tls),
  };
}

const isVariable = (value: string) => /^\$\{[^}]+\}$/.test(value);

/** Heartbeat: whole seconds; 0 is off. */
function seconds(hb: unknown): number | string {
  if (isVariable(text(hb))) return text(hb);
  const value = Number.parseInt(String(hb ?? ''), 10);
  return value > 0 ? value : '';
}

function subProtocols(given: unknown): readonly string[] | string {
  if (isVariable(text(given))) return text(given);
  const names = text(given)
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  return names.length > 0 ? [...new Set(names)] : '';
}

/** A header of a core client. A preset name or value is stored as its type. */
interface CoreHeader {
  readonly keyType?: unknown;
  readonly keyValue?: unknown;
  readonly valueType?: unknown;
  readonly valueValue?: unknown;
}

function headersOf(list: unknown): Readonly<Record<string, string>> | string {
  const headers: Record<string, string> = {};
  for (const { keyType, keyValue, valueType, valueValue } of Array.isArray(list) ? (list as CoreHeader[]) : []) {
    const name = text(keyType === 'other' ? keyValue : keyType);
    const value = headerValue(valueType, text(valueValue));
    if (name !== '' && value !== '') headers[name] = value;
  }
  return Object.keys(headers).length > 0 ? headers : '';
}

function headerValue(type: unknown, value: string): string {
  if (type === 'other') return value;
  if (type !== 'env') return text(type);
  return value === '' || value.includes('${') ? value : `\${${value}}`;
}
