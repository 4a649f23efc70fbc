import type { Answer } from './answer';
import type { HookFailure } from './failures';
import type { HookEvent } from './wire';

/** An event that waits for 4D. `T` belongs to the caller. */
export interface Job<T> {
  /** Jobs of one connection are delivered in order. */
  readonly connection: string;
  readonly event: HookEvent;
  readonly of: T;
}

/** Receives the outcome of each job, exactly once. */
export interface Receiver<T> {
  /** 4D accepted the jobs. The next events of the connection wait until this has ended. */
  delivered(jobs: readonly Job<T>[], answer: Answer): Promise<void>;
  undelivered(job: Job<T>, failure: HookFailure): void;
  /** The status has changed. */
  changed(): void;
}

/** The state of the queue, for the status of a node. */
export interface HookStatus {
  /** Includes jobs whose call is under way. */
  readonly waiting: number;
  readonly limit: number;
  /** The newest event did not fit. */
  readonly full: boolean;
  /** The failure that keeps the oldest job waiting. Its call is retried. */
  readonly failure: HookFailure | undefined;
  /** The start of the outage in which all jobs wait. */
  readonly away: Date | undefined;
}
