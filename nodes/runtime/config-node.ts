import { messageOf, type Registry } from '../../src/index';
import type { ConfigRow } from '../catalog';
import { currentCredentials, currentProperties } from './environment';
import { FlowsStarted } from './flows-started';
import { type ConfigNode, type FlowDef, isTrue, type RED } from './red';
import { clearSocket, makeSocket, nodeLog } from './sockets';
import { StatusLine } from './status';

/** A config node: one socket, for as long as the node lives. */
export const configNode = (RED: RED, registry: Registry, { side, fields }: ConfigRow) => {
  const flowsStarted = new FlowsStarted(RED);
  return function (this: ConfigNode, def: FlowDef): void {
    RED.nodes.createNode(this, def);
    const log = nodeLog(this);
    const layer = () => options(RED, this, def, Object.keys(fields));
    const socket = makeSocket(registry, side, this, { base: layer, given: {} }, { checked: false });
    Object.assign(this, { socket, layer, users: {} });
    const status = new StatusLine(RED, this);
    status.follow(socket);

    /** Told as an error that the Catch nodes of this node's users see too. */
    const tell = (sentence: string) => {
      status.fail(sentence);
      this.error(sentence, {});
    };
    // Not before all nodes are there: those that hear the first events, and those that catch the errors.
    const notStarted = flowsStarted.once(() => {
      try {
        socket.check();
      } catch (error) {
        return tell(messageOf(error));
      }
      if (!isTrue(def.autoStart)) return;
      socket.start({}, { automatic: true }).then(
        (answer) => {
          if (!answer.success && socket.state === 'idle') tell(answer.errorStr ?? '');
        },
        (error) => tell(messageOf(error)),
      );
    });

    this.on('close', (done: () => void) => {
      notStarted();
      clearSocket(registry, socket)
        .catch((error) => log.error(error))
        .finally(done);
    });
  };
};

/** The options that the form gives. One that is left empty is not given. */
function options(RED: RED, node: ConfigNode, def: FlowDef, names: readonly string[]): Record<string, unknown> {
  const properties = { ...currentProperties(RED, node, def), ...currentCredentials(RED, node) };
  const given: Record<string, unknown> = {};
  for (const name of names) {
    const value = properties[name as keyof typeof properties] as unknown;
    if (value === undefined || value === null || value === '') continue;
    given[name] = name === 'tlsConfig' ? (RED.nodes.getNode(String(value)) ?? value) : value;
  }
  return given;
}
