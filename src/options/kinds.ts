/** What the value of each kind of field is once it has been read. */
export interface Kinds {
  text: string;
  /** A ws:// or wss:// URL, as typed; http:// and https:// count as these. */
  url: string;
  /** An http:// or https:// URL, as typed. */
  httpUrl: string;
  number: number;
  boolean: boolean;
  /** Request headers. */
  headers: Record<string, string>;
  /** Subprotocols: tokens, each once. */
  subProtocols: string[];
  deflate: DeflateOptions;
  /** A PEM file's path, or PEM text. */
  pem: string;
  /** A PEM file's path, PEM text, `SYSTEM` or `NONE`. */
  ca: string;
  /** A core tls-config node (its id in a form, the node itself at run time). */
  tlsConfig: TlsSource;
  /** A core http proxy node, as `tlsConfig`. */
  proxy: ProxySource;
  addressFamily: 4 | 6;
  closeCode: number;
  closeReason: string;
  /** One of the field's `choices`. */
  choice: string;
  /** One text or several; a Server send's receivers. */
  names: string[];
  /** Origins of web pages, `same host`, or `*` for any. */
  origins: string[];
  /** Addresses, and networks in CIDR notation. */
  networks: string[];
  /** The path of a request target; empty for any. */
  path: string;
  /** The name of a query parameter; empty for none. */
  parameter: string;
}
export type Kind = keyof Kinds;

/** The parameters of permessage-deflate (RFC 7692, section 7.1). */
export interface DeflateOptions {
  clientNoContextTakeover?: boolean;
  serverNoContextTakeover?: boolean;
  clientMaxWindowBits?: number;
  serverMaxWindowBits?: number;
}

/** What Node-RED's core tls-config node offers to others. */
export interface TlsSource {
  readonly valid?: boolean;
  addTLSOptions(options: Record<string, unknown>): Record<string, unknown>;
}

/** What Node-RED's core http proxy node offers to others. */
export interface ProxySource {
  readonly url?: string;
  /** Hosts that are connected to directly. */
  readonly noproxy?: readonly string[];
  readonly credentials?: { readonly username?: string; readonly password?: string };
}
