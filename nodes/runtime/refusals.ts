import type { Node } from '@node-red/registry';
import { oneLine, type Refusal, type ServerSocket } from '../../src/index';
import { isWired, type RED } from './red';

/** Minimum time between two warnings about refusals of one kind, ms. */
const warnEveryMs = 60_000;
/** The output of an events node from which refusals come. */
const errorPort = 3;

/** Writes refused upgrades of a server to the log, while no events node reports them to the flow. */
export function warnRefusals(RED: RED, server: ServerSocket, owner: Node): void {
  const warnedAt = new Map<string, number>();
  const off = server.changes.on(({ state, refusal }) => {
    if (state === 'cleared') off();
    else if (refusal && isDue(warnedAt, refusal) && !isHeard(RED, owner.id)) owner.warn(oneLine(refusal.reason));
  });
}

/** Returns whether the kind of a refusal was not looked at within the last minute. There are few kinds. */
function isDue(warnedAt: Map<string, number>, { kind }: Refusal): boolean {
  const now = performance.now();
  if (now - (warnedAt.get(kind) ?? -warnEveryMs) < warnEveryMs) return false;
  warnedAt.set(kind, now);
  return true;
}

/** Returns whether the Error output of an events node for this server is wired. */
function isHeard(RED: RED, server: string): boolean {
  let found = false;
  RED.nodes.eachNode(({ id, type }) => {
    if (found || type !== 'ix-server-events') return;
    const node = RED.nodes.getNode(id) as (Node & { readonly hears?: string }) | null;
    found = node !== null && (node.hears === '' || node.hears === server) && isWired(node, errorPort);
  });
  return found;
}
