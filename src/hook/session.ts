import type { HookOptions } from '../options/hook';
import { hookFailures } from './failures';
import { Failed, type Posted, type Reply } from './transport';
import { below } from './wire';

type Credentials = Pick<HookOptions, 'form' | 'user' | 'password' | 'token'> & { URL: string };

/**
 * Who we are to 4D: the session's cookies, and with `rest` one login. 4D opens a session, and may take a licence, for each call
 * that brings no cookie.
 */
export class Session {
  private readonly cookies = new Map<string, string>();
  private login: Promise<void> | undefined;
  private readonly authorization: string | undefined;

  constructor(
    private readonly options: Credentials,
    private readonly post: (posted: Posted, stop: AbortSignal) => Promise<Reply>,
  ) {
    this.authorization = authorizationOf(options);
  }

  /** Posts within the session, logged in where that is asked for. A session that 4D has forgotten is opened anew, once. */
  async call(posted: Posted, stop: AbortSignal): Promise<Reply> {
    const login = this.loggedIn(stop);
    await login;
    const reply = await this.send(posted, stop);
    if (reply.http_status !== 401 || !login) return reply;
    // Another call may have logged in anew meanwhile.
    if (this.login === login) this.forget();
    await this.loggedIn(stop);
    return this.send(posted, stop);
  }

  private loggedIn(stop: AbortSignal): Promise<void> | undefined {
    const { form, user } = this.options;
    if (form !== 'rest' || !user) return undefined;
    if (!this.login) {
      const login = this.logIn(stop);
      this.login = login;
      login.catch(() => {
        if (this.login === login) this.forget();
      });
    }
    return this.login;
  }

  private async logIn(stop: AbortSignal): Promise<void> {
    const { URL, user = '', password = '' } = this.options;
    const url = below(URL, 'rest/$catalog/authentify');
    const headers = { 'Content-Type': 'application/json; charset=utf-8' };
    const { http_status, text } = await this.send({ url, headers, body: JSON.stringify([user, password]) }, stop);
    if (http_status < 200 || http_status > 299 || isRefusal(text)) throw new Failed(hookFailures.login(http_status));
  }

  private async send({ url, headers, body }: Posted, stop: AbortSignal): Promise<Reply> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const own = { ...headers, ...(cookie && { Cookie: cookie }), ...(this.authorization && { Authorization: this.authorization }) };
    const reply = await this.post({ url, headers: own, body }, stop);
    for (const line of reply.headers['set-cookie'] ?? []) {
      const [, name, value] = /^\s*([^=;\s]+)=([^;]*)/.exec(line) ?? [];
      if (name) this.cookies.set(name, value?.trim() ?? '');
    }
    return reply;
  }

  private forget(): void {
    this.login = undefined;
    this.cookies.clear();
  }
}

/** The function is the application's own: false, or an object that says so, is a refusal. */
function isRefusal(text: string): boolean {
  try {
    const { result } = JSON.parse(text);
    return result === false || result?.success === false;
  } catch {
    return false;
  }
}

function authorizationOf({ URL: address, form, user, password, token }: Credentials): string | undefined {
  if (token) return `Bearer ${token}`;
  const { username, password: own } = new URL(address);
  const basic = form !== 'rest' && user ? [user, password ?? ''] : username ? [decoded(username), decoded(own)] : undefined;
  return basic && `Basic ${Buffer.from(basic.join(':'), 'utf8').toString('base64')}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
