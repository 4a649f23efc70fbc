import type { Node } from '@node-red/registry';
import { check, type Fields, findProxy, type Kind, type Layer, type ProxySource, ValidationIssue } from '../../../src/index';
import { type ProbedSide, type ProbeFailure, type ProbeRequest, unchangedPassword } from '../../probe';
import { nodeTypes } from '../../settings';
import { withComputed } from '../computed';
import { expandOption, writtenCredentials } from '../environment';
import { expressionsOf } from '../expressions';
import type { RED } from '../red';
import type { Secrets } from './secrets';

/** An option of a form that cannot be tried. */
export class UnusableOption extends Error {
  constructor(readonly failure: ProbeFailure) {
    super(failure.key);
  }
}

/**
 * Returns the options of a form as the runtime would read them. Values of environment variables and credentials, which the user of
 * the form may not see, are added to the secrets.
 *
 * @throws Wrong
 */
export function formOptions(RED: RED, side: ProbedSide, fields: Fields, asked: ProbeRequest, secrets: Secrets): Layer {
  const deployed = deployedNode(RED, side, asked.id);
  const environment = deployed ?? neighbour(RED, asked.z ?? '');
  // The expressions have the environment of the node, or of its flow.
  const expressions = expressionsOf(RED, environment as Node);
  const given: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(fields)) {
    const kept = field.credential && asked.options[name] === unchangedPassword;
    const stored = kept ? deployed && writtenCredentials(RED, deployed)[name] : asked.options[name];
    const written = withComputed(field, stored, expressions);
    if (written === undefined || written === null || written === '') continue;
    const value = expandOption(RED, environment, field, written, (variable, found) => {
      if (found === undefined) throw new UnusableOption({ option: name, key: 'probe.noVariable', values: { name: variable } });
      secrets.add(found, `\${${variable}}`);
    });
    if (field.credential && field.kind !== 'secrets') secrets.add(value, '***');
    given[name] = nodeTypes[field.kind] ? namedNode(RED, name, field.kind, value) : value;
    const checked = check(field, given[name]);
    // Without the value, which may be a secret.
    if (field.kind === 'secrets' && !(checked instanceof ValidationIssue))
      for (const secret of Object.values(checked as object)) secrets.add(secret, '***');
    if (checked instanceof ValidationIssue) {
      const { constraint, path } = checked;
      throw new UnusableOption({
        option: name,
        key: `constraints.${constraint.key}`,
        path: secrets.hide(path),
        ...(constraint.values && { values: constraint.values }),
      });
    }
  }
  if (given.user !== undefined || given.password !== undefined) {
    secrets.add(Buffer.from(`${given.user ?? ''}:${given.password ?? ''}`).toString('base64'), '***');
  }
  if ('proxy' in fields) hideProxies(given.proxy as ProxySource | undefined, secrets);
  return given;
}

/** Returns the node if it is deployed. Credentials of another type must not be shown or sent. */
function deployedNode(RED: RED, side: ProbedSide, id: string): Node | undefined {
  const node = RED.nodes.getNode(id) as Node | null;
  return node?.type === `ix-${side}` ? node : undefined;
}

/**
 * Returns a node with the environment that a new node of this flow gets: a node of the flow, else any node.
 * In an empty Node-RED only the environment of the process exists.
 */
function neighbour(RED: RED, z: string): Node | undefined {
  type InFlow = Node & { readonly _flow?: { readonly parent?: unknown } };
  let near: InFlow | undefined;
  let any: InFlow | undefined;
  RED.nodes.eachNode(({ id, z: flow = '' }) => {
    const node = RED.nodes.getNode(id) as InFlow | null;
    if (!node) return;
    any ??= node;
    if (flow === z) near ??= node;
  });
  return near ?? (any?._flow?.parent ? ({ _flow: any._flow.parent } as unknown as Node) : undefined);
}

function namedNode(RED: RED, option: string, kind: Kind, id: unknown): unknown {
  const node = RED.nodes.getNode(String(id)) as Node | null;
  if (node?.type !== nodeTypes[kind]) throw new UnusableOption({ option, key: 'probe.notDeployed' });
  return node;
}

/** Adds the proxies that the environment names to the secrets, each with the text to show. Hosts are added with their ports only. */
function hideProxies(source: ProxySource | undefined, secrets: Secrets): void {
  for (const [variable, anywhere] of Object.entries({ HTTP_PROXY: 'ws://-/', HTTPS_PROXY: 'wss://-/' })) {
    try {
      const proxy = findProxy(new URL(anywhere), source);
      if (!source) secrets.add(proxy?.url.host, `\${${variable}}`);
      const basic = proxy?.authorization?.slice('Basic '.length) ?? '';
      const [user, ...password] = Buffer.from(basic, 'base64').toString().split(':');
      for (const secret of [basic, user, password.join(':')]) secrets.add(secret, '***');
    } catch {
      // A proxy URL that cannot be used is reported as it is.
      if (!source) for (const name of [variable, variable.toLowerCase()]) secrets.add(process.env[name], `\${${variable}}`);
    }
  }
}
