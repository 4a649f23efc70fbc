import { commands } from '../commands';
import type { Call, Status } from '../commands/command';
import type { Endpoint } from '../core/endpoint';
import { callerErrors, optionError, refusalOf, SocketError } from '../core/errors';
import { readyStates } from '../core/lifecycle';
import { clientOptions } from '../options/client';
import { serverOptions } from '../options/server';
import type { Registry } from '../registry';
import type { Hosts } from './hosts';
import { HttpFault } from './http-fault';
import type { OwnerStore } from './owner-store';
import type { Owner } from './owners';
import { type CommandRoute, commandRoutes } from './routes';

type Side = 'client' | 'server';
type Body = Record<string, unknown>;

/** The config nodes that calls may use. */
export interface NamedSockets {
  /** Returns the sockets of one side whose config node has a name in the editor. */
  find(side: Side, name: string): readonly Endpoint[];
  nameOf(id: number): string | undefined;
}

export interface CallsContext {
  readonly registry: Registry;
  readonly owners: OwnerStore;
  /** The hosts that a URL in a call may name. */
  readonly hosts: Hosts;
  /** Maximum number of sockets of all owners. */
  readonly maxSockets: number;
  /** Creates a socket. @throws SocketError `ERR_OPTION` */
  readonly create: (side: Side, given: Body) => Endpoint;
  readonly named: NamedSockets;
}

const optionsOf = { client: clientOptions, server: serverOptions };

/** Runs commands for owners. A call reaches the sockets of its owner by id, and the config nodes of the bridge by name. */
export class Calls {
  constructor(private readonly context: CallsContext) {}

  /** Clears a socket. */
  readonly clear = async (id: number): Promise<void> => {
    const { registry } = this.context;
    if (id > 0) {
      const client = registry.client.find(id);
      if (client) await registry.client.clear(client);
    } else {
      const server = registry.server.find(id);
      if (server) await registry.server.clear(server);
    }
  };

  setMethod(body: Body): string {
    const { registry } = this.context;
    const call: Call = { registry, payload: body };
    void commands['set-method'].run(call, { reply() {} });
    return registry.method;
  }

  list({ sockets }: Owner): object[] {
    const { registry } = this.context;
    return [...sockets.values()].flatMap(({ id, keep }) => {
      const client = registry.client.find(id);
      const server = registry.server.find(id);
      const state = client ?? server;
      if (!state) return [];
      const shown = { id, side: state.side, state: readyStates[state.state], keep };
      return [client ? { ...shown, ...client.info() } : { ...shown, ...(server?.listening ?? {}), clients: server?.info().clients }];
    });
  }

  /**
   * Runs the command of a route. A failure is a status with `success: false`.
   *
   * @throws HttpFault 403
   */
  async run(route: string, owner: string, body: Body, name: unknown): Promise<{ status: Status; id?: number | undefined }> {
    const found = commandRoutes[route] as CommandRoute;
    const { run, ...payload } = body;
    try {
      this.checkHosts(payload);
      return await this.perform(found, this.context.owners.of(owner), payload, name, run);
    } catch (error) {
      if (error instanceof HttpFault) throw error;
      const refusal = refusalOf(error);
      const status = { success: false, ...found.command.rejection, errorStr: refusal.message, errorCode: refusal.code };
      return { status, id: typeof payload.id === 'number' ? payload.id : undefined };
    }
  }

  private async perform(route: CommandRoute, owner: Owner, payload: Body, name: unknown, run: unknown) {
    const { side, command, creates } = route;
    const { registry } = this.context;
    if (run !== undefined && run !== registry.run) throw callerErrors.otherRun(side);
    if (creates && payload.id === undefined && name === undefined) return this.create(side, owner, payload);
    const endpoint = name === undefined ? this.own(side, owner, payload.id) : this.named(side, name, payload);
    const call: Call = { registry, payload: { ...payload, id: endpoint.id }, configured: endpoint as Call['configured'] };
    const status = await new Promise<Status>((resolve, reject) => {
      command.run(call, { reply: ({ status }) => resolve(status) })?.catch(reject);
    });
    if (endpoint.state === 'cleared') this.context.owners.remove(endpoint.id);
    return { status, id: endpoint.id };
  }

  private create(side: Side, owner: Owner, { keep, ...given }: Body) {
    const { owners, maxSockets, create } = this.context;
    if (owners.size >= maxSockets) {
      throw new SocketError('ERR_STATE', `The bridge holds ${maxSockets} sockets (maxSockets). Clear one before you create another.`);
    }
    const { id } = create(side, given);
    owners.add(owner, id, keep === true);
    return { status: { id }, id };
  }

  private own(side: Side, owner: Owner, id: unknown): Endpoint {
    const { registry, owners } = this.context;
    const number = typeof id === 'string' && /^\s*-?\d+\s*$/.test(id) ? Number(id) : id;
    if (typeof number === 'number' && owners.owns(owner, number)) {
      const endpoint = registry[side].find(number);
      if (endpoint) return endpoint;
    }
    if (id === undefined) throw callerErrors.noneNamed(side);
    throw callerErrors.unknownId(side, id);
  }

  private named(side: Side, name: unknown, payload: Body): Endpoint {
    if (typeof name !== 'string') throw optionError('The property name must be a text: the name of a config node.', undefined, 'name');
    const [first, second] = this.context.named.find(side, name);
    if (!first) throw callerErrors.unknownName(side, name);
    if (second)
      throw optionError(`Two ${side} nodes of the bridge have the name ${name}. Give one of them another name.`, undefined, 'name');
    const changed = Object.keys(payload).find((property) => property !== 'id' && Object.hasOwn(optionsOf[side], property));
    if (changed !== undefined) throw new HttpFault(403, `A call by name must not change an option; got ${changed.slice(0, 80)}.`);
    return first;
  }

  /** @throws HttpFault 403 if a call names a host that is not in the list. */
  private checkHosts({ URL: url, proxy, protocol }: Body): void {
    if (proxy !== undefined) throw new HttpFault(403, 'A call must not name a proxy.');
    for (const each of [url, ...urlsOf(protocol)]) {
      if (each === undefined || this.context.hosts.allows(each)) continue;
      throw new HttpFault(403, 'The host of the URL is not in the list of hosts. Add it in the ix-4d-bridge node.');
    }
  }
}

/** Returns the URLs of the rules of a protocol description. */
function urlsOf(protocol: unknown): unknown[] {
  const answers = typeof protocol === 'object' && protocol !== null ? (protocol as { answers?: unknown }).answers : undefined;
  if (!Array.isArray(answers)) return [];
  return answers.flatMap((rule) => {
    const url = typeof rule === 'object' && rule !== null ? (rule as { URL?: unknown }).URL : undefined;
    return url === undefined || url === '' ? [] : [url];
  });
}
