import { optionError } from '../core/errors';
import type { Log } from '../core/log';
import { isRecord } from '../core/record';
import type { ProtocolSource } from '../options/kinds';
import { protocolError, redactor } from './faults';
import type { Codec } from './formats';
import { presetNames, readPreset } from './presets';
import { checkSecrets, compileProtocol, type Protocol } from './protocol';
import { Requests } from './requests';
import type { Expressions } from './value';

/** The options that a protocol needs. */
export interface DialogueOptions {
  readonly protocol?: ProtocolSource | string | Readonly<Record<string, unknown>> | undefined;
  readonly secrets?: Readonly<Record<string, string>> | undefined;
  readonly subProtocols?: readonly string[] | undefined;
  readonly maxPayload: number;
}

/** A protocol that is ready for a connection. */
export interface Ready {
  readonly protocol: Protocol;
  readonly secrets: Readonly<Record<string, string>>;
  /** Creates the codec of one connection. */
  readonly createCodec: () => Codec;
}

/** The protocol of one socket. It is compiled once, and again only if the option has changed. */
export class Dialogue {
  private source: unknown;
  private compiled: Protocol | undefined;
  private asked: Requests | undefined;

  constructor(
    /** For sentences: "client 1". */
    private readonly subject: string,
    private readonly expressions: Expressions | undefined,
    private readonly log: Log,
  ) {}

  /** The requests that survive connections, if the protocol has some. */
  get requests(): Requests | undefined {
    return this.asked;
  }

  /**
   * Checks the options, and returns the protocol or `undefined`.
   *
   * @throws SocketError `ERR_OPTION`
   */
  check({ protocol, secrets = {} }: DialogueOptions): Protocol | undefined {
    if (protocol === undefined) return undefined;
    if (this.source !== protocol || !this.compiled) {
      this.compiled = this.compile(protocol);
      this.source = protocol;
    }
    checkSecrets(this.compiled, secrets);
    return this.compiled;
  }

  /** @throws SocketError `ERR_OPTION` if the protocol describes no requests. */
  checkRequests(options: DialogueOptions): Protocol {
    const protocol = this.check(options);
    if (protocol?.rpc) return protocol;
    throw optionError(`The option protocol must have rpc for requests of ${this.subject}.`, undefined, 'protocol');
  }

  /** Returns the requests of a client, before its first connection too. @throws SocketError `ERR_OPTION` as `checkRequests` does. */
  describedRequests(options: DialogueOptions): Requests | undefined {
    return this.requestsOf({ protocol: this.checkRequests(options), secrets: options.secrets ?? {} });
  }

  /** Prepares a protocol for connections. Loads the library of its format at the first call. @throws SocketError `ERR_OPTION` */
  async prepare(options: DialogueOptions): Promise<Ready | undefined> {
    const protocol = this.check(options);
    if (!protocol) return undefined;
    const create = await protocol.codecs();
    const { separator } = protocol;
    const { secrets = {}, maxPayload } = options;
    return { protocol, secrets, createCodec: () => create({ separator, maxPayload }) };
  }

  /** Returns the requests of a client, which its connections share. */
  requestsOf({ protocol: { rpc }, secrets }: Pick<Ready, 'protocol' | 'secrets'>): Requests | undefined {
    if (this.asked?.rpc === rpc) return this.asked;
    this.asked?.end(`The protocol of ${this.subject} has changed.`);
    this.asked = rpc && new Requests(rpc, this.subject, redactor(secrets), this.log);
    return this.asked;
  }

  private compile(source: NonNullable<DialogueOptions['protocol']>): Protocol {
    if (typeof source === 'string') {
      const preset = readPreset(source);
      if (!preset) throw protocolError('preset', `a protocol node, or one of the presets ${presetNames().join(', ')}`, source);
      return compileProtocol(preset, this.expressions);
    }
    if (isRecord(source) && typeof source.describe === 'function') return compileProtocol(source.describe(), this.expressions);
    // A message brings no expressions: it may come from outside.
    return compileProtocol(source);
  }
}
