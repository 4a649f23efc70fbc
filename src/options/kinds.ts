import type { Computed } from './computed';

/** The type of each kind of field after it has been read. */
export interface Kinds {
  text: string;
  /** A ws:// or wss:// URL, as typed; http:// and https:// are accepted as equivalents. */
  url: string | Computed;
  /** An http:// or https:// URL, as typed. */
  httpUrl: string;
  number: number;
  boolean: boolean;
  /** Request headers. */
  headers: Record<string, string | Computed>;
  /** Subprotocols: tokens without duplicates. */
  subProtocols: string[];
  /** The beginning of a subprotocol; empty for none. */
  subProtocolPrefix: string;
  deflate: DeflateOptions;
  /** The path of a PEM file, or PEM text. */
  pem: string;
  /** The path of a PEM file, PEM text, `SYSTEM` or `NONE`. */
  ca: string;
  /** A core tls-config node: its id in a form, the node itself at run time. */
  tlsConfig: TlsSource;
  /** A core http proxy node, like `tlsConfig`. */
  proxy: ProxySource;
  addressFamily: 4 | 6;
  closeCode: number;
  closeReason: string;
  /** One of the field's `choices`. */
  choice: string;
  /** One text or several; the receivers of a Server send. */
  names: string[];
  /** Origins of web pages, `same host`, or `*` for any. */
  origins: string[];
  /** Addresses, and networks in CIDR notation. */
  networks: string[];
  /** The path of a request target; empty for any. */
  path: string;
  /** A path whose parts may be `:name`, and which may end in `/*`; empty for any. */
  pathPattern: string;
  /** Names with dots between them: the place of a value in a message. */
  dottedPath: string;
  /** The name of a query parameter; empty for none. */
  parameter: string;
  /** An `ix-protocol` node, the name of a preset, or the description of a protocol. */
  protocol: ProtocolSource | string | Readonly<Record<string, unknown>>;
  /** Any value. */
  any: unknown;
  /** An object or a list, as JSON has it. */
  json: object;
  /** Texts by name, which are never shown. */
  secrets: Record<string, string>;
}
export type Kind = keyof Kinds;

/** The parameters of permessage-deflate (RFC 7692, section 7.1). */
export interface DeflateOptions {
  clientNoContextTakeover?: boolean;
  serverNoContextTakeover?: boolean;
  clientMaxWindowBits?: number;
  serverMaxWindowBits?: number;
}

/** The public interface of Node-RED's core tls-config node. */
export interface TlsSource {
  readonly valid?: boolean;
  addTLSOptions(options: Record<string, unknown>): Record<string, unknown>;
}

/** The public interface of Node-RED's core http proxy node. */
export interface ProxySource {
  readonly url?: string;
  /** Hosts that are connected to directly. */
  readonly noproxy?: readonly string[];
  readonly credentials?: { readonly username?: string; readonly password?: string };
}

/** The public interface of an `ix-protocol` node. Its description may hold expressions; one from a message may not. */
export interface ProtocolSource {
  describe(): Readonly<Record<string, unknown>>;
}
