import {
  clientOptions,
  computed,
  type Field,
  guarded,
  type Layer,
  type Log,
  printable,
  probeClient,
  probeServer,
  read,
  type SharedHttp,
  SocketError,
  type Step,
  serverOptions,
} from '../../../src/index';
import { type Composed, readComposed } from '../../composed';
import { type ProbeAnswer, type ProbedSide, type ProbeFailure, type ProbeRequest, probePermission, probeRoute } from '../../probe';
import { adminPost, fail, runtimeLog } from '../admin-route';
import { messageFrom } from '../composed';
import { expressionsOf } from '../expressions';
import type { RED } from '../red';
import { pathInUse, portInUse } from './address-in-use';
import { formOptions, UnusableOption } from './options';
import { Secrets } from './secrets';

/** Maximum number of probes at once. */
const maxConcurrentProbes = 3;
/** Deadline of an opening handshake, and of the whole answer, in s. */
const seconds = { handshake: 8, answer: 10 };

/**
 * Adds the HTTP endpoint by which the forms of the config nodes try their unsaved options. A probe is as powerful as a deploy, so it
 * needs the write permission. No answer contains the value of an environment variable or a credential.
 */
export function serveProbes(RED: RED, shared: SharedHttp | undefined): void {
  let running = 0;
  const log = runtimeLog(RED);
  for (const side of ['client', 'server'] as const) {
    adminPost(RED, probeRoute(side), probePermission(side), (body, response) => {
      const asked = askedFor(body);
      if (!asked) return void response.status(400).end();
      if (running >= maxConcurrentProbes) return void response.status(429).end();
      running++;
      const stop = new AbortController();
      // The form was closed or already has its answer.
      response.once('close', () => stop.abort());
      const answer = (given: ProbeAnswer) => {
        if (!response.headersSent && !response.destroyed) response.json(given);
      };
      const tooLong = () => answer({ steps: [], failure: { key: 'probe.tooLong', values: { seconds: seconds.answer } } });
      const late = setTimeout(guarded(log, tooLong), seconds.answer * 1000);
      probe(RED, shared, side, asked, stop.signal, log)
        .then(answer)
        .catch((error) => fail(log, response, error))
        .finally(() => {
          clearTimeout(late);
          running--;
        })
        .catch((error) => log.error(error));
    });
  }
}

function askedFor(body: unknown): ProbeRequest | undefined {
  const { id, z, options, say } = (body ?? {}) as Partial<ProbeRequest>;
  if (typeof options !== 'object' || options === null) return undefined;
  return { id: String(id ?? ''), z: String(z ?? ''), options, say: askedMessage(say) };
}

/** Returns the message to send, if there is one. The test of a form has no requests. */
function askedMessage(say: unknown): Composed | undefined {
  const message = readComposed(say);
  return message?.as === 'request' ? { as: 'json', data: message.data } : message;
}

async function probe(
  RED: RED,
  shared: SharedHttp | undefined,
  side: ProbedSide,
  asked: ProbeRequest,
  stop: AbortSignal,
  log: Log,
): Promise<ProbeAnswer> {
  const secrets = new Secrets();
  const steps: Step[] = [];
  const tell = (step: Step) => void steps.push(step);
  let failure: ProbeFailure | undefined;
  try {
    failure =
      side === 'client'
        ? await tryClient(formOptions(RED, side, clientOptions, asked, secrets), { RED, stop, tell, log, say: asked.say })
        : await tryServer(formOptions(RED, side, serverOptions, asked, secrets), { RED, id: asked.id, shared, stop, tell, log });
  } catch (error) {
    failure = failureOf(error);
  }
  // If the host comes from the environment, its address would reveal it.
  for (const step of steps)
    if (step.step === 'name' && secrets.hide(step.values.host) !== step.values.host) secrets.add(step.values.address, '***');
  return {
    steps: steps.map((step) => ({ ...step, values: printableValues(secrets.hide(step.values)) }) as Step),
    ...(failure && { failure: hidden(secrets, failure) }),
  };
}

/** Steps with texts that the peer chose: certificate, HTTP reason phrase, close reason. */
const printableValues = (values: Step['values']) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, typeof value === 'string' ? printable(value) : value]));

function hidden(secrets: Secrets, { errorStr, values, ...rest }: ProbeFailure): ProbeFailure {
  return { ...rest, ...(errorStr !== undefined && { errorStr: secrets.hide(errorStr) }), ...(values && { values: secrets.hide(values) }) };
}

interface ClientTry {
  readonly RED: RED;
  readonly stop: AbortSignal;
  readonly tell: (step: Step) => void;
  readonly log: Log;
  readonly say: Composed | undefined;
}

async function tryClient(layer: Layer, { RED, stop, tell, log, say }: ClientTry): Promise<ProbeFailure | undefined> {
  const options = read(clientOptions, layer);
  const { URL, handshakeTimeoutSecs, tlsConfig } = options;
  if (URL === undefined) return { option: 'URL', key: 'form.needed' };
  // Its expressions are those of the deployed protocol node.
  const expressions = options.protocol === undefined ? undefined : expressionsOf(RED, options.protocol as never);
  const time = Math.min(seconds.handshake, handshakeTimeoutSecs);
  const known = await computed({ ...options, URL }, {}, time, stop);
  if ('errorStr' in known) return { errorStr: known.errorStr, option: known.option };
  const message = say && messageFrom(say, known.protocol !== undefined);
  const failure = await probeClient(known, time, stop, tell, { expressions, log }, message);
  return failure && { errorStr: failure.errorStr, option: replacing(failure.option, tlsConfig) };
}

interface ServerTry extends Omit<ClientTry, 'say'> {
  readonly id: string;
  readonly shared: SharedHttp | undefined;
}

async function tryServer(layer: Layer, { RED, id, shared, stop, tell, log }: ServerTry): Promise<ProbeFailure | undefined> {
  const options = read(serverOptions, layer);
  const failure = await probeServer(options, stop, tell, log, shared);
  const found =
    failure?.brief === 'portInUse'
      ? portInUse(RED, id, options.port, failure)
      : failure?.brief === 'pathInUse'
        ? pathInUse(RED, id, shared?.fullPath(options.path ?? '') ?? '', failure)
        : undefined;
  if (!found) return failure && { errorStr: failure.errorStr, option: failure.option };
  return 'step' in found ? void tell(found) : found;
}

/** Options that replace others, by the name of the replaced option. */
const replacers = Object.fromEntries(Object.entries<Field>(clientOptions).map(([name, { replacedBy }]) => [name, replacedBy]));

/** A TLS configuration node replaces the options about certificates. */
const replacing = (option: string | undefined, tlsConfig: unknown) =>
  tlsConfig && option && replacers[option] === 'tlsConfig' ? 'tlsConfig' : option;

function failureOf(error: unknown): ProbeFailure {
  if (error instanceof UnusableOption) return error.failure;
  if (error instanceof SocketError) return { errorStr: error.message, option: error.option };
  throw error;
}
