import type { Node } from '@node-red/registry';
import { compileProtocol, messageOf, parseObject, protocolOptions } from '../../src/index';
import { written } from './environment';
import { expressionsOf } from './expressions';
import { createNode, type FlowDef, type RED } from './red';

/** A protocol node, as sockets see it (`ProtocolSource`). */
interface ProtocolNode extends Node {
  describe: () => Readonly<Record<string, unknown>>;
}

/** The constructor of protocol nodes. The node keeps the description; the sockets that name it compile it. */
export const protocolNode = (RED: RED) =>
  function (this: ProtocolNode, def: FlowDef): void {
    createNode(RED, this, def);
    const description = readDescription(RED, this, def);
    this.describe = () => description;
    try {
      compileProtocol(description, expressionsOf(RED, this));
    } catch (error) {
      this.status({ fill: 'red', shape: 'ring', text: messageOf(error).slice(0, 60) });
      this.error(messageOf(error), {});
    }
  };

/**
 * Returns the properties that are set, as the flow holds them. Node-RED has replaced `${NAME}` in `def`, which is part of the syntax of
 * JSONata.
 */
function readDescription(RED: RED, node: Node, def: FlowDef): Readonly<Record<string, unknown>> {
  const properties = written(RED, node, def) as Record<string, unknown>;
  const names = Object.keys(protocolOptions).filter((name) => ![undefined, null, ''].includes(properties[name] as never));
  return Object.freeze(Object.fromEntries(names.map((name) => [name, structuredClone(parseObject(properties[name]))])));
}
