import { type IncomingMessage, Agent as PlainAgent, request as plainRequest } from 'node:http';
import { Agent as SecureAgent, request as secureRequest } from 'node:https';
import { untilAborted } from '../core/abort';
import { guardWith } from '../core/log';
import type { HookOptions } from '../options/hook';
import { clientTls } from '../tls/context';
import { Body } from './body';
import { type HookFailure, hookFailures, type ReplyHead } from './failures';

export interface Posted {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}
export interface Reply extends ReplyHead {
  readonly text: string;
}

/** As Node-RED's own limit for HTTP. */
const maxReplyBytes = 5242880;

/** A failure that is known already, on its way out of a promise. */
export class Failed extends Error {
  constructor(readonly failure: HookFailure) {
    super(failure.errorStr);
  }
}

/** Posts to one host over connections that are kept. */
export class Transport {
  private agent: Promise<PlainAgent> | undefined;
  private readonly closed = new AbortController();

  constructor(private readonly options: HookOptions & { URL: string }) {}

  /**
   * @param stop cuts the call off.
   * @throws Failed where it timed out or the answer is too large; else what the network says, or `ERR_OPTION` of the TLS options.
   */
  async post({ url, headers, body }: Posted, stop: AbortSignal): Promise<Reply> {
    const cut = new AbortController();
    const stopped = () => cut.abort(stop.reason);
    if (stop.aborted) stopped();
    stop.addEventListener('abort', stopped, { once: true });
    const { timeoutSecs } = this.options;
    let late: (seconds: number) => HookFailure = hookFailures.filesNotRead;
    const guard = guardWith((cause) => cut.abort(cause));
    const timer = setTimeout(
      guard(() => cut.abort(new Failed(late(timeoutSecs)))),
      timeoutSecs * 1000,
    );
    try {
      const agent = await untilAborted(this.agentOf(), cut.signal);
      late = hookFailures.timedOut;
      return await exchange(url, { agent, headers: { ...headers, 'Content-Length': String(Buffer.byteLength(body)) } }, body, cut.signal);
    } catch (error) {
      throw cut.signal.aborted ? cut.signal.reason : error;
    } finally {
      clearTimeout(timer);
      stop.removeEventListener('abort', stopped);
    }
  }

  close(): void {
    this.closed.abort();
    this.agent?.then(
      (agent) => agent.destroy(),
      () => {},
    );
  }

  /** Made at the first call. TLS files that cannot be used are looked at again at the next. */
  private agentOf(): Promise<PlainAgent> {
    this.agent ??= this.makeAgent().then(
      (agent) => {
        if (this.closed.signal.aborted) agent.destroy();
        return agent;
      },
      (error) => {
        this.agent = undefined;
        throw error;
      },
    );
    return this.agent;
  }

  private async makeAgent(): Promise<PlainAgent> {
    const { maxCalls, URL: address, ...options } = this.options;
    const kept = { keepAlive: true, maxSockets: maxCalls, maxFreeSockets: maxCalls };
    if (new URL(address).protocol === 'http:') return new PlainAgent(kept);
    return new SecureAgent({ ...kept, ...(await clientTls({ ...options, tls: true }, this.closed.signal)) });
  }
}

function exchange(
  url: URL,
  options: { agent: PlainAgent; headers: Record<string, string> },
  body: string,
  signal: AbortSignal,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const guard = guardWith(reject);
    const send = url.protocol === 'https:' ? secureRequest : plainRequest;
    const onResponse = (response: IncomingMessage) => {
      const received = new Body();
      const { statusCode: http_status = 0, statusMessage: statusText = '', headers } = response;
      const onData = (chunk: Buffer) => {
        received.add(chunk);
        if (received.length > maxReplyBytes) request.destroy(new Failed(hookFailures.tooLarge(http_status, maxReplyBytes)));
      };
      const onEnd = () => resolve({ http_status, statusText, headers, text: received.text(headers['content-type']) });
      response.on('data', guard(onData));
      response.on('error', reject);
      response.on('end', guard(onEnd));
    };
    const request = send(url, { ...options, method: 'POST', signal }, guard(onResponse));
    request.on('error', reject);
    request.end(body);
  });
}
