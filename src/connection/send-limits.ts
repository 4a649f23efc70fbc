/** What may wait for one peer; 0 is no limit. */
export interface SendLimitOptions {
  /** Bytes, with an overhead for each message. */
  readonly maxBufferedAmount: number;
  readonly maxBufferedMessages: number;
  readonly sendTimeoutSecs: number;
}

/** The limits as they are compared, each with the words for a peer that reached it. */
export interface SendLimits {
  readonly messages: number;
  readonly bytes: number;
  /** How many polls the oldest write may wait; 0 is for ever. */
  readonly polls: number;
  readonly tooMany: string;
  readonly tooMuch: string;
  readonly lateness: string;
}

export function sendLimits({ maxBufferedAmount, maxBufferedMessages, sendTimeoutSecs }: SendLimitOptions): SendLimits {
  return {
    messages: maxBufferedMessages || Number.POSITIVE_INFINITY,
    bytes: maxBufferedAmount || Number.POSITIVE_INFINITY,
    polls: Math.ceil(sendTimeoutSecs),
    tooMany: `${maxBufferedMessages} messages (maxBufferedMessages) wait for it`,
    tooMuch: `more than ${maxBufferedAmount} bytes (maxBufferedAmount) wait for it`,
    lateness: `a message has waited for it for more than ${sendTimeoutSecs} s (sendTimeoutSecs)`,
  };
}
