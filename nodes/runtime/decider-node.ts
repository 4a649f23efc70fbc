import type { Node } from '@node-red/registry';
import { callerErrors, fields, guarded, messageOf, type Registry, read } from '../../src/index';
import type { DeciderRow } from '../catalog';
import { deciderFields } from '../decider-settings';
import type { FlowsStarted } from './flows-started';
import { createNode, type FlowDef, findConfig, isTrue, isWired, type RED, use } from './red';
import { nodeLog } from './sockets';
import { StatusLine } from './status';

/** The constructor of the nodes that ask the flow: about upgrades of a server, or before each attempt of a client. */
export const deciderNode = (RED: RED, registry: Registry, flowsStarted: FlowsStarted, { side }: DeciderRow) =>
  function (this: Node, def: FlowDef): void {
    createNode(RED, this, def);
    const status = new StatusLine(RED, this);
    const config = findConfig(RED, def, side);
    if (config === 'missing') return status.fail(callerErrors.missingConfig(side));
    if (config) {
      use(config, this);
      status.follow(config.socket);
    }
    // A node that is set wrongly still decides who comes in.
    let timeoutSecs: number = deciderFields.askTimeoutSecs.default;
    try {
      const given = def.askTimeoutSecs === '' || def.askTimeoutSecs === null ? {} : { askTimeoutSecs: def.askTimeoutSecs };
      timeoutSecs = read(timeoutFields, given).askTimeoutSecs;
    } catch (error) {
      status.fail(error);
      this.error(messageOf(error));
    }
    const { decisions } = registry;
    const [socket, showsCredentials] = [config?.socket.id, isTrue(def.showCredentials)];
    // While a deploy replaces the node, nobody may come in unasked, and a question needs all nodes of its flow. Servers are first to start.
    const holdUntilStarted = () => flowsStarted.once('server', decisions.hold(side, socket, { timeoutSecs, showsCredentials }));
    holdUntilStarted();
    const off = decisions.add(side, socket, {
      timeoutSecs,
      showsCredentials,
      // A question that nobody can answer waits for its timeout, which reports that no answer came.
      ask: guarded(nodeLog(this), (question) => {
        if (isWired(this)) this.send({ ...question } as never);
      }),
    });
    this.on('close', (removed: boolean, done: () => void) => {
      off();
      if (!removed) holdUntilStarted();
      done();
    });
  };

const timeoutFields = fields({ askTimeoutSecs: deciderFields.askTimeoutSecs });
