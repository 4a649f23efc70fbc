/** Limits on the data that waits for one peer. 0 means no limit. */
export interface SendLimitOptions {
  /** Bytes, including an overhead for each message. */
  readonly maxBufferedAmount: number;
  readonly maxBufferedMessages: number;
  readonly sendTimeoutSecs: number;
}

/** The limits in the form that is compared, each with the clause for a peer that reached it. */
export interface SendLimits {
  readonly messages: number;
  readonly bytes: number;
  /** Maximum age of the oldest write, in polls. 0 means no limit. */
  readonly polls: number;
  readonly tooMany: string;
  readonly tooMuch: string;
  readonly lateness: string;
}

/** The limits made last. The connections of a server have the same ones, so they share them. */
let last: { readonly options: SendLimitOptions; readonly limits: SendLimits } | undefined;

export function sendLimits({ maxBufferedAmount, maxBufferedMessages, sendTimeoutSecs }: SendLimitOptions): SendLimits {
  const options = { maxBufferedAmount, maxBufferedMessages, sendTimeoutSecs };
  if (!last || !hasSame(last.options, options)) last = { options, limits: limitsOf(options) };
  return last.limits;
}

const hasSame = (a: SendLimitOptions, b: SendLimitOptions) =>
  a.maxBufferedAmount === b.maxBufferedAmount && a.maxBufferedMessages === b.maxBufferedMessages && a.sendTimeoutSecs === b.sendTimeoutSecs;

function limitsOf({ maxBufferedAmount, maxBufferedMessages, sendTimeoutSecs }: SendLimitOptions): SendLimits {
  return {
    messages: maxBufferedMessages || Number.POSITIVE_INFINITY,
    bytes: maxBufferedAmount || Number.POSITIVE_INFINITY,
    polls: Math.ceil(sendTimeoutSecs),
    tooMany: `${maxBufferedMessages} messages (maxBufferedMessages) wait for it`,
    tooMuch: `more than ${maxBufferedAmount} bytes (maxBufferedAmount) wait for it`,
    lateness: `a message has waited for it for more than ${sendTimeoutSecs} s (sendTimeoutSecs)`,
  };
}
