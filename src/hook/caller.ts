import { SocketError } from '../core/errors';
import type { HookOptions } from '../options/hook';
import { type Answer, answerOf } from './answer';
import { explain, type HookFailure, hookFailures } from './failures';
import { Held, Session } from './session';
import { signatureHeaders } from './signature';
import { Failed, Transport } from './transport';
import { type HookEvent, type Target, wireOf } from './wire';

export type Settings = HookOptions & Target;

/** Calls 4D with events. */
export class Caller {
  private readonly transport: Transport;
  private readonly session: Session;

  /** @throws SocketError `ERR_OPTION` if the token is not a valid header value. */
  constructor(private readonly options: Settings) {
    this.transport = new Transport(options);
    this.session = new Session(options, (posted, stop) => this.transport.post(posted, stop));
  }

  /** Makes one call. Never throws. Returns `undefined` if the call was not sent, because `isHeld` returned true. */
  async call(events: readonly HookEvent[], stop: AbortSignal, isHeld: () => boolean): Promise<Answer | HookFailure | undefined> {
    const { options } = this;
    try {
      const { url, contentType, body } = wireOf(options, events);
      const signed = options.signingKey ? signatureHeaders(options.signingKey, body) : {};
      const reply = await this.session.call({ url, headers: { 'Content-Type': contentType, ...signed }, body }, stop, isHeld);
      const { http_status: status } = reply;
      if (status >= 200 && status <= 299) return answerOf(options, reply);
      return status >= 300 && status <= 399 ? hookFailures.redirect(status) : hookFailures.status(reply);
    } catch (error) {
      if (error instanceof Held) return undefined;
      if (error instanceof Failed) return error.failure;
      // The options of the node or the event itself are wrong, so a retry would fail too.
      return error instanceof SocketError ? hookFailures.callerError(error) : explain(error);
    }
  }

  close(): void {
    this.transport.close();
  }
}
