import type { Node } from '@node-red/registry';
import { callerErrors, type Registry, read, recordingSources, replayOptions } from '../../src/index';
import { currentOptions } from './config-node';
import { expand, written } from './environment';
import type { Message } from './message';
import { createNode, type FlowDef, findConfig, isTrue, isWired, type RED, use } from './red';
import { type ReplayContext, ReplayRun, type ReplaySources, replayCommand } from './replay-run';
import { nodeLog } from './sockets';
import { StatusLine } from './status';

/** The constructor of the node that plays a recording. */
export const replayNode = (RED: RED, registry: Registry) =>
  function (this: Node, def: FlowDef): void {
    createNode(RED, this, def);
    const status = new StatusLine(RED, this);
    const side = def.server ? 'server' : 'client';
    const config = findConfig(RED, def, side);
    if (typeof config === 'object') {
      use(config, this);
      status.follow(config.socket);
    } else if (!config) status.unselected(undefined);
    let [current, isClosing]: [ReplayRun | undefined, boolean] = [undefined, false];
    const context: ReplayContext = {
      ...{ id: this.id, registry, command: replayCommand, status, log: nodeLog(this), payloadIs: 'auto' },
      ...{ configured: undefined, fields: undefined, to: undefined, create: undefined },
      raise: isTrue(def.raise),
      hasReceivers: () => isWired(this),
      socket() {
        if (def.client && def.server) throw callerErrors.bothSelected();
        if (config === 'missing') throw callerErrors.missingConfig(side);
        if (!config) throw callerErrors.noneSelected();
        return config.socket;
      },
      sources: sourcesOf(RED, this, def),
      ended(run) {
        if (current === run) current = undefined;
        if (!isClosing) status.played();
      },
    };
    this.on('input', (msg, send, done) => {
      const run = new ReplayRun(context, msg as Message, send, done);
      const asked = run.read();
      if (!asked) return;
      current?.stop();
      if (asked === 'stop') return run.complete();
      current = run;
      run.play();
    });
    this.on('close', () => {
      isClosing = true;
      current?.stop();
    });
  };

/** Returns what the form of a node has. In a recording, `${NAME}` is text, unless it is the whole value. */
function sourcesOf(RED: RED, node: Node, def: FlowDef): ReplaySources {
  const { file } = recordingSources;
  const fileOptions = currentOptions(RED, node, def, { file });
  return {
    options: currentOptions(RED, node, def, replayOptions),
    recording() {
      const { recording } = written(RED, node, def);
      if (recording === undefined || recording === null || recording === '') return undefined;
      return typeof recording === 'string' && /^\s*\$\{[^}]+\}\s*$/.test(recording) ? expand(RED, node, recording.trim()) : recording;
    },
    file: () => read({ file }, fileOptions()).file,
  };
}
