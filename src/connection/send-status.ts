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
}

export function sendStatus(errorStr: string | undefined, payloadSize: number, wireSize: number): SendStatus {
  if (errorStr === undefined) return { success: true, compressionError: false, payloadSize, wireSize };
  return { success: false, compressionError: false, payloadSize: 0, wireSize: 0, errorStr };
}
