import type { Node } from '@node-red/registry';
import { type Fields, messageOf, type Registry, unsetVariable } from '../../src/index';
import type { ConfigRow } from '../catalog';
import { nodeTypes } from '../settings';
import { withComputed } from './computed';
import { expandOption, writtenCredentials, writtenProperties } from './environment';
import { expressionsOf } from './expressions';
import type { FlowsStarted } from './flows-started';
import { leaveLastValues, takeLastValues } from './last-values-handover';
import { leaveOutbox, takeOutbox } from './outbox-handover';
import { type ConfigNode, createNode, type FlowDef, isTrue, type RED } from './red';
import { clearSocket, makeSocket, nodeLog } from './sockets';
import { StatusLine } from './status';

/** The constructor of the config nodes. A config node owns one socket until it closes. */
export const configNode = (RED: RED, registry: Registry, flowsStarted: FlowsStarted, { side, fields }: ConfigRow) =>
  function (this: ConfigNode, def: FlowDef): void {
    createNode(RED, this, def);
    const log = nodeLog(this);
    const layer = currentOptions(RED, this, def, fields);
    const socket = makeSocket(RED, registry, side, this, { base: layer, given: {} }, { checked: false });
    Object.assign(this, { socket, layer, users: {} });
    if (socket.side === 'client') takeOutbox(RED, this, socket);
    else takeLastValues(this, socket);
    const status = new StatusLine(RED, this);
    status.follow(socket);

    /** Reports an error that Catch nodes of the nodes which use this config node receive too. */
    const tell = (error: unknown) => {
      status.fail(error);
      this.error(messageOf(error), {});
    };
    // Starts after all nodes exist, so that events nodes get the first events and Catch nodes the errors.
    const notStarted = flowsStarted.once(side, () => {
      try {
        socket.check();
      } catch (error) {
        return tell(error);
      }
      if (!isTrue(def.autoStart)) return;
      return socket.start({}, { automatic: true }).then((answer) => {
        // The status follows the socket and already shows the reason. A client that will try again has reported an Error event.
        const goesOn = socket.state === 'waiting' && side === 'client';
        if (!answer.success && !goesOn && socket.state !== 'closing' && socket.state !== 'cleared') this.error(answer.errorStr, {});
      }, tell);
    });

    this.on('close', (removed: boolean, done: () => void) => {
      notStarted();
      if (!removed && socket.side === 'client') leaveOutbox(this, socket, log);
      if (!removed && socket.side === 'server') leaveLastValues(this, socket, log);
      clearSocket(registry, socket, removed)
        .catch((error) => log.error(error))
        .then(() => done())
        .catch((error) => log.error(error));
    });
  };

/** Returns the properties of a node with their expressions compiled, once. */
function computedProperties(RED: RED, node: Node, def: object, fields: Fields): () => Record<string, unknown> {
  const properties = writtenProperties(RED, node, def);
  let compiled: Record<string, unknown> | undefined;
  const compile = () => {
    const own = { ...properties() };
    for (const [name, field] of Object.entries(fields)) own[name] = withComputed(field, own[name], expressionsOf(RED, node));
    return own;
  };
  return () => (compiled ??= compile());
}

/** Returns a function that gives the options of a node's form, by the environment of the moment. An empty field sets nothing. */
export function currentOptions(RED: RED, node: Node, def: object, fields: Fields): () => Record<string, unknown> {
  const properties = computedProperties(RED, node, def, fields);
  return () => {
    const written = { ...properties(), ...writtenCredentials(RED, node) };
    const given: Record<string, unknown> = {};
    for (const [name, field] of Object.entries(fields)) {
      let missing: string | undefined;
      const value = expandOption(RED, node, field, written[name], (variable, setting) => {
        if (setting === undefined) missing ??= variable;
      });
      if (missing !== undefined) given[name] = unsetVariable(missing);
      else if (value !== undefined && value !== null && value !== '') {
        given[name] = nodeTypes[field.kind] ? (RED.nodes.getNode(String(value)) ?? value) : value;
      }
    }
    return given;
  };
}
