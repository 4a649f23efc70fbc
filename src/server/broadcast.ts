import type { Sent } from '../connection/load';
import type { SendStatus } from '../connection/send-status';

/** The outcome of a message to one connection. */
export interface ReceiverStatus extends SendStatus {
  uri: string;
  client: string;
}

/** The connection that a status is about. */
interface Named {
  readonly uri: string;
  readonly client: string;
}

/** The outcome of a message to several connections. */
export interface Outcome {
  /** The first failure in the order of connection. */
  readonly errorStr: string | undefined;
  /** Returns one status per receiver, in the order of connection. */
  statuses(): ReceiverStatus[];
}

/** Returns the first failure of a list. */
export const failureIn = (statuses: readonly ReceiverStatus[]): string | undefined => statuses.find(({ success }) => !success)?.errorStr;

/**
 * Collects the outcomes of one message to several connections. It waits for the slowest connection, and later broadcasts wait too.
 * Many can be pending at once, so each holds only a few numbers. Statuses are created only if they are asked for.
 */
export class Broadcast implements Outcome {
  private outstanding: number;
  /** The size for all receivers, until two differ. */
  private wireSize = -1;
  private wireSizes: number[] | undefined;
  private failures: (string | undefined)[] | undefined;

  /**
   * @param receivers in the order of connection; at least one. Other broadcasts may share the list.
   * @param done called once, when all outcomes are known.
   */
  constructor(
    private readonly receivers: readonly Named[],
    private readonly payloadSize: number,
    private readonly done: (outcome: Outcome) => void,
  ) {
    this.outstanding = receivers.length;
  }

  /** Records the outcome for one receiver. Must be called once per receiver. */
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
    if (--this.outstanding === 0) this.done(this);
  }

  /** Records that all receivers have got it, with one size. */
  succeed(wireSize: number): void {
    this.wireSize = wireSize;
    this.outstanding = 0;
    this.done(this);
  }

  get errorStr(): string | undefined {
    return this.failures?.find((failure) => failure !== undefined);
  }

  statuses(): ReceiverStatus[] {
    const { receivers, payloadSize, wireSize, wireSizes, failures } = this;
    const statuses: ReceiverStatus[] = new Array(receivers.length);
    for (let i = 0; i < receivers.length; i++) {
      statuses[i] = receiverStatus(receivers[i] as Named, failures?.[i], payloadSize, wireSizes?.[i] ?? wireSize);
    }
    return statuses;
  }
}

/** Returns the status for one receiver. It runs per message and receiver, so it uses object literals and no spread. */
export function receiverStatus(
  { uri, client }: Named,
  errorStr: string | undefined,
  payloadSize: number,
  wireSize: number,
): ReceiverStatus {
  if (errorStr === undefined) return { uri, success: true, compressionError: false, payloadSize, wireSize, client };
  return { uri, success: false, compressionError: false, payloadSize: 0, wireSize: 0, client, errorStr };
}

/** The size of one receiver in the list of a pending message, bytes. */
export const referenceSize = 8;

/** Returns the callback of a message to one receiver, which reports the list of its status. */
export const reportOne =
  (ref: Named, sent: (statuses: ReceiverStatus[]) => void): Sent =>
  (errorStr, payloadSize, wireSize) =>
    sent([receiverStatus(ref, errorStr, payloadSize, wireSize)]);
