/** What a command says of one message sent (plugin commands `… send`). */
export interface SendStatus {
  success: boolean;
  /** Always false: compressing cannot fail here. Kept because the plugin has it. */
  compressionError: boolean;
  /** The message's bytes; text counts as UTF-8. 0 on failure. */
  payloadSize: number;
  /** The payload bytes as framed. 0 on failure. */
  wireSize: number;
  errorStr?: string;
}

export function sendStatus(errorStr: string | undefined, payloadSize: number, wireSize: number): SendStatus {
  if (errorStr === undefined) return { success: true, compressionError: false, payloadSize, wireSize };
  return { success: false, compressionError: false, payloadSize: 0, wireSize: 0, errorStr };
}
