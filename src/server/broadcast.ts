import type { SendStatus } from '../connection/send-status';

/** What became of a message to one connection. */
export interface ReceiverStatus extends SendStatus {
  uri: string;
  client: string;
}

/** Who is meant by a status. */
interface Named {
  readonly uri: string;
  readonly client: string;
}

/**
 * One message to several connections. It waits for the slowest of them, as do all that are sent after it: so it holds a few numbers, and the statuses
 * are made when all are known.
 */
export class Broadcast {
  private outstanding: number;
  /** Of all receivers, as long as they do not differ. */
  private wireSize = -1;
  private wireSizes: number[] | undefined;
  private failures: (string | undefined)[] | undefined;

  /**
   * @param receivers in the order of connection; at least one. May be shared with other broadcasts.
   * @param done is called once, with one status for each.
   */
  constructor(
    private readonly receivers: readonly Named[],
    private readonly payloadSize: number,
    private readonly done: (statuses: ReceiverStatus[]) => void,
  ) {
    this.outstanding = receivers.length;
  }

  /** Call once for each receiver. */
  settle(receiver: number, errorStr: string | undefined, wireSize: number): void {
    const { receivers } = this;
    if (errorStr !== undefined) {
      this.failures ??= new Array(receivers.length);
      this.failures[receiver] = errorStr;
    } else if (this.wireSizes) this.wireSizes[receiver] = wireSize;
    else if (this.wireSize < 0) this.wireSize = wireSize;
    else if (wireSize !== this.wireSize) {
      this.wireSizes = new Array(receivers.length).fill(this.wireSize);
      this.wireSizes[receiver] = wireSize;
    }
    if (--this.outstanding === 0) this.done(this.statuses());
  }

  private statuses(): ReceiverStatus[] {
    const { receivers, payloadSize, wireSize, wireSizes, failures } = this;
    const statuses: ReceiverStatus[] = new Array(receivers.length);
    for (let i = 0; i < receivers.length; i++) {
      statuses[i] = receiverStatus(receivers[i] as Named, failures?.[i], payloadSize, wireSizes?.[i] ?? wireSize);
    }
    return statuses;
  }
}

/** Written out, like everything that is made for every message to every receiver. */
export function receiverStatus(
  { uri, client }: Named,
  errorStr: string | undefined,
  payloadSize: number,
  wireSize: number,
): ReceiverStatus {
  if (errorStr === undefined) return { uri, success: true, compressionError: false, payloadSize, wireSize, client };
  return { uri, success: false, compressionError: false, payloadSize: 0, wireSize: 0, client, errorStr };
}
