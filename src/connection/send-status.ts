import type { Sent } from './load';

/** Result of one sent message in a command (plugin commands `… send`). */
export interface SendStatus {
  success: boolean;
  /** Always false, because compression cannot fail here. The field is kept because the plugin has it. */
  compressionError: boolean;
  /** Size of the message in bytes. Text counts as UTF-8. 0 on failure. */
  payloadSize: number;
  /** Payload bytes as framed. 0 on failure. */
  wireSize: number;
  errorStr?: string;
  /** Clients with a queue or a rate: how long the message waited, ms. */
  queued?: number;
}

/** The failures of messages of which the operating system has nothing. Another connection may send them. */
export const unwritten = {
  closing: 'The message was not sent: the connection is closing.',
  ended: 'The message was not sent: the connection ended before its turn.',
} as const;

export const isUnwritten = (errorStr: string): boolean => errorStr === unwritten.closing || errorStr === unwritten.ended;

/** Returns the callback of a message that reports its status. */
export const settling =
  (sent: (status: SendStatus) => void): Sent =>
  (errorStr, payloadSize, wireSize) =>
    sent(sendStatus(errorStr, payloadSize, wireSize));

export function sendStatus(errorStr: string | undefined, payloadSize: number, wireSize: number): SendStatus {
  if (errorStr === undefined) return { success: true, compressionError: false, payloadSize, wireSize };
  return { success: false, compressionError: false, payloadSize: 0, wireSize: 0, errorStr };
}
