import { optionError } from '../core/errors';
import { urlCredentials } from '../net/credentials';
import { headerValue } from '../options/checks';
import { constraints } from '../options/expectations';
import type { HookOptions } from '../options/hook';
import { hookFailures } from './failures';
import { Failed, type Posted, type Reply } from './transport';
import { below } from './wire';

type Credentials = Pick<HookOptions, 'form' | 'user' | 'password' | 'token'> & { URL: string };

/** Maximum number of cookies of one login, and maximum length of one (RFC 6265, section 6.1). */
const maxCookies = 50;
const maxCookieLength = 4096;

/** The cookies of one login. A late answer to a call of an older login cannot change a newer one. */
class LoginSession {
  readonly cookies = new Map<string, string>();
  /** 4D has answered, so it is known whether it sets cookies. */
  answered = false;
  /** The first call, whose answer decides that. */
  first: Promise<unknown> | undefined;
  login: Promise<unknown> | undefined;

  /** Stores a cookie; if there are too many, the oldest is dropped. A cookie that is too long is ignored. */
  setCookie(name: string, value: string): void {
    if (name.length + value.length > maxCookieLength) return;
    this.cookies.delete(name);
    this.cookies.set(name, value);
    const [oldest = ''] = this.cookies.keys();
    if (this.cookies.size > maxCookies) this.cookies.delete(oldest);
  }
}

/** Ends a call that was not sent, because an outage began while it waited. */
export class Held extends Error {}

/** Maximum number of times one call is sent, since calls of other connections can find the session expired too. */
const maxSends = 5;

/**
 * The session with 4D: its cookies, and with `rest` one login. 4D opens a session, and may use a licence, for each call
 * without a cookie.
 */
export class Session {
  private loginSession = new LoginSession();
  private readonly authorization: string | undefined;
  private readonly logsIn: boolean;

  /** @throws SocketError `ERR_OPTION` if the token is not a valid header value. */
  constructor(
    private readonly options: Credentials,
    private readonly post: (posted: Posted, stop: AbortSignal) => Promise<Reply>,
  ) {
    this.authorization = authorizationOf(options);
    this.logsIn = options.form === 'rest' && Boolean(options.user);
  }

  /**
   * Posts within the session, after a login if the options ask for one. An expired session is opened again, once.
   *
   * @param isHeld returns whether a call that has waited for the first call must not be sent now.
   * @throws Held
   */
  async call(posted: Posted, stop: AbortSignal, isHeld: () => boolean): Promise<Reply> {
    let renewed = false;
    for (let sends = 1; ; sends++) {
      const loginSession = await this.loggedIn(stop, isHeld);
      const reply = await this.send(posted, loginSession, stop, isHeld);
      if (reply.http_status !== 401 || !this.logsIn || sends === maxSends) return reply;
      // Another call may have logged in again meanwhile. This call is then repeated with that login.
      if (this.loginSession !== loginSession) continue;
      if (renewed) return reply;
      renewed = true;
      this.loginSession = new LoginSession();
    }
  }

  private async loggedIn(stop: AbortSignal, isHeld: () => boolean): Promise<LoginSession> {
    const { loginSession } = this;
    if (this.logsIn) {
      loginSession.login ??= this.logIn(loginSession, stop, isHeld).catch((error) => {
        if (this.loginSession === loginSession) this.loginSession = new LoginSession();
        throw error;
      });
      await loginSession.login;
    }
    return loginSession;
  }

  private async logIn(loginSession: LoginSession, stop: AbortSignal, isHeld: () => boolean): Promise<void> {
    const { URL, user = '', password = '' } = this.options;
    const url = below(URL, 'rest/$catalog/authentify');
    const headers = { 'Content-Type': 'application/json; charset=utf-8' };
    const posted = { url, headers, body: JSON.stringify([user, password]) };
    const { http_status, text, headers: replied } = await this.send(posted, loginSession, stop, isHeld);
    if (http_status < 200 || http_status > 299 || isRejection(text)) throw new Failed(hookFailures.login(http_status, replied));
  }

  /** The first call of a login session holds the others until it has ended. Without its cookie, each of them would open a session. */
  private async send(posted: Posted, loginSession: LoginSession, stop: AbortSignal, isHeld: () => boolean): Promise<Reply> {
    while (loginSession.first && !loginSession.answered) {
      await loginSession.first;
      // The failure of the first call begins an outage a few microtasks later.
      await new Promise(setImmediate);
    }
    if (isHeld()) throw new Held();
    const sent = this.exchange(posted, loginSession, stop);
    if (loginSession.answered) return sent;
    const ended = () => {
      loginSession.first = undefined;
    };
    loginSession.first = sent.then(ended, ended);
    return sent;
  }

  private async exchange({ url, headers, body }: Posted, loginSession: LoginSession, stop: AbortSignal): Promise<Reply> {
    const cookie = [...loginSession.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const own = { ...headers, ...(cookie && { Cookie: cookie }), ...(this.authorization && { Authorization: this.authorization }) };
    const reply = await this.post({ url, headers: own, body }, stop);
    // The cookie of a 401 belongs to an unauthenticated session.
    const lines = reply.http_status === 401 ? [] : (reply.headers['set-cookie'] ?? []);
    for (const line of lines) {
      const [, name, value] = /^\s*([^=;\s]+)=([^;]*)/.exec(line) ?? [];
      if (name) loginSession.setCookie(name, value?.trim() ?? '');
    }
    loginSession.answered ||= reply.http_status < 500 || lines.length > 0;
    return reply;
  }
}

/** The function is the application's own: false, or an object that says so, is a refusal. */
function isRejection(text: string): boolean {
  try {
    const { result } = JSON.parse(text);
    return result === false || result?.success === false;
  } catch {
    return false;
  }
}

function authorizationOf({ URL: address, form, user, password, token }: Credentials): string | undefined {
  if (token) {
    if (headerValue.test(token)) return `Bearer ${token}`;
    throw optionError(
      `The option token must be ${constraints.headerValue}; got a string of ${token.length} characters.`,
      undefined,
      'token',
    );
  }
  const own = urlCredentials(new URL(address));
  const basic = form !== 'rest' && user ? [user, password ?? ''] : own.user ? [own.user, own.password] : undefined;
  return basic && `Basic ${Buffer.from(basic.join(':'), 'utf8').toString('base64')}`;
}
