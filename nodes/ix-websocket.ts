import { Registry, SharedHttp } from '../src/index';
import { type CatalogRow, catalog } from './catalog';
import { runtimeLog } from './runtime/admin-route';
import { bridgeNode } from './runtime/bridge-node';
import { commandNode } from './runtime/command-node';
import { configNode } from './runtime/config-node';
import { deciderNode } from './runtime/decider-node';
import { eventsNode } from './runtime/events-node';
import { FlowsStarted } from './runtime/flows-started';
import { hookNode } from './runtime/hook/hook-node';
import { httpHost } from './runtime/http-host';
import { HttpIntercept } from './runtime/http-intercept';
import { serveLive } from './runtime/live/endpoint';
import { machineAddress } from './runtime/machine-address';
import { serveProbes } from './runtime/probe/endpoint';
import { protocolNode } from './runtime/protocol-node';
import type { RED } from './runtime/red';
import { replayNode } from './runtime/replay-node';

/** Registers the nodes. Node-RED calls it when it loads the package. */
const load = (RED: RED): void => {
  const log = runtimeLog(RED);
  const registry = new Registry(log, new SharedHttp(httpHost(RED), log));
  const intercept = new HttpIntercept(RED, log);
  const flowsStarted = new FlowsStarted(RED, log);
  const constructorOf = (row: CatalogRow) => {
    switch (row.kind) {
      case 'config':
        return configNode(RED, registry, flowsStarted, row);
      case 'protocol':
        return protocolNode(RED);
      case 'command':
        return commandNode(RED, registry, flowsStarted, row);
      case 'events':
        return eventsNode(RED, registry, row);
      case 'decider':
        return deciderNode(RED, registry, flowsStarted, row);
      case 'bridge':
        return bridgeNode(RED, registry, intercept);
      case 'replay':
        return replayNode(RED, registry);
      case 'hook':
        return hookNode(RED, registry, flowsStarted);
    }
  };
  /**
   * Settings for the editor. The action that converts core nodes reports a setting that only those have. The form of a new server shows
   * the address of the machine; a user can set another in the settings file.
   */
  const shown: Record<string, { settings: object }> = {
    'ix-server': {
      settings: {
        ixServerCoreVerifyClient: { value: hasVerifyClient(RED), exportable: true },
        ixServerAddress: { value: machineAddress(), exportable: true },
      },
    },
  };
  for (const [type, row] of Object.entries<CatalogRow>(catalog)) {
    const credentials =
      'fields' in row
        ? Object.fromEntries(
            Object.entries(row.fields).flatMap(([name, { credential }]) => (credential ? [[name, { type: credential }]] : [])),
          )
        : undefined;
    RED.nodes.registerType(type, constructorOf(row) as never, {
      ...(credentials && { credentials: credentials as never }),
      ...shown[type],
    });
  }
  serveProbes(RED, registry.shared);
  serveLive(RED, registry);
};

const hasVerifyClient = ({ settings }: RED) =>
  typeof (settings as { webSocketNodeVerifyClient?: unknown }).webSocketNodeVerifyClient === 'function';

export = load;
