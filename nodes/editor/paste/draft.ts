/** The options of a client that a command sets, while its words are read. Pure. */

export interface TakenOptions {
  URL?: string;
  headers?: Record<string, string>;
  subProtocols?: string[];
  pingInterval?: number;
  user?: string;
  password?: string;
  certFile?: string;
  keyFile?: string;
  passphrase?: string;
  caFile?: string;
  ciphers?: string;
}

/** Headers that a WebSocket client sets itself. */
const ownHeaders = /^(upgrade|connection|host|content-length|transfer-encoding|sec-websocket-(key|version|extensions|accept))$/i;

/** Each method returns false if it cannot use the value. */
export class Draft {
  readonly options: TakenOptions = {};

  /** Takes a URL, or a host without a scheme as curl and wscat accept it. Its user and password become options of their own. */
  url(text: string): boolean {
    const whole = /^[a-z][a-z+.-]*:\/\//i.test(text) ? text : `ws://${text}`;
    const parts = /^(wss?|https?):\/\/(?:([^/?#]*)@)?(.*)$/is.exec(whole);
    if (!parts || this.options.URL !== undefined) return false;
    const [, scheme = '', login, rest = ''] = parts;
    this.options.URL = `${scheme.toLowerCase().replace('http', 'ws')}://${rest}`;
    if (login) this.login(login, decode);
    return true;
  }

  /** Takes `user:password`. */
  login(text: string, read: (part: string) => string = String): boolean {
    const colon = text.indexOf(':');
    this.options.user = read(colon < 0 ? text : text.slice(0, colon));
    if (colon >= 0) this.options.password = read(text.slice(colon + 1));
    return true;
  }

  /** Takes `Name: value`, or `Name;` for an empty value as in curl. `Name:` without a value removes a header of curl. */
  header(text: string): boolean {
    const parts = /^([^\s:;@]+)\s*(?::(.*)|;)$/s.exec(text.trim());
    if (!parts) return false;
    const name = parts[1] as string;
    const value = (parts[2] ?? '').trim();
    if (ownHeaders.test(name) || (value === '' && parts[2] !== undefined)) return true;
    if (/^sec-websocket-protocol$/i.test(name)) return this.subProtocol(value);
    const basic = /^authorization$/i.test(name) ? /^basic\s+([\w+/=]+)$/i.exec(value)?.[1] : undefined;
    const login = basic && fromBase64(basic);
    if (login) return this.login(login);
    return this.setHeader(name, value);
  }

  /** Adds a header. Values of the same name are joined, as in HTTP. */
  setHeader(name: string, value: string): boolean {
    this.options.headers ??= {};
    const { headers } = this.options;
    const same = Object.keys(headers).find((other) => other.toLowerCase() === name.toLowerCase());
    headers[same ?? name] = same === undefined ? value : `${headers[same]}, ${value}`;
    return true;
  }

  subProtocol(text: string): boolean {
    this.options.subProtocols ??= [];
    const { subProtocols } = this.options;
    for (const name of text.split(',').map((one) => one.trim())) {
      if (name && !subProtocols.includes(name)) subProtocols.push(name);
    }
    return true;
  }

  /** Takes the path of a certificate. curl accepts `path:passphrase`. */
  certificate(text: string): boolean {
    const [, path = text, passphrase] = /^((?:[A-Za-z]:[\\/])?[^:]*)(?::(.*))?$/s.exec(text) ?? [];
    this.options.certFile = path;
    if (passphrase !== undefined) this.options.passphrase = passphrase;
    return true;
  }

  /** Trusts these CAs, unless the command verifies nothing. */
  authorities(path: string): boolean {
    if (this.options.caFile !== 'NONE') this.options.caFile = path;
    return true;
  }

  unverified(): boolean {
    this.options.caFile = 'NONE';
    return true;
  }

  ping(text: string): boolean {
    const secs = Number(text);
    if (!(secs >= 1)) return false;
    this.options.pingInterval = Math.round(secs);
    return true;
  }

  set(name: 'keyFile' | 'passphrase' | 'ciphers', value: string): boolean {
    this.options[name] = value;
    return true;
  }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Returns the `user:password` of Basic authentication, or `undefined`. */
function fromBase64(text: string): string | undefined {
  try {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const login = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return login.includes(':') ? login : undefined;
  } catch {
    return undefined;
  }
}
