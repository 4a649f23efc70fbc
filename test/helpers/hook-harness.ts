import assert from 'node:assert/strict';
import { type Answer, Hook, type HookFailure, hookOptions, type Job, jsonOf, read } from '../../src/index';
import { Queue } from './queue';
import { TestLog } from './sockets';
import type { StandIn4D } from './stand-in-4d';
import { onTeardown } from './teardown';

interface Reported {
  readonly jobs: readonly Job<string>[];
  readonly answer?: Answer;
  readonly failure?: HookFailure;
}

/** A hook and its reports. */
export class HookHarness {
  readonly log = new TestLog();
  readonly delivered = new Queue<Reported & { answer: Answer }>();
  readonly undelivered = new Queue<Reported & { failure: HookFailure }>();
  readonly hook: Hook<string>;
  private seq = 0;
  /** One report for each event, and one for each failed call. */
  changes = 0;

  constructor(options: Record<string, unknown>, whenDelivered: () => Promise<void> = async () => {}) {
    this.hook = new Hook(
      read(hookOptions, options),
      {
        delivered: (jobs, answer) => {
          this.delivered.push({ jobs, answer });
          return whenDelivered();
        },
        undelivered: (job, failure) => this.undelivered.push({ jobs: [job], failure }),
        changed: () => void this.changes++,
      },
      this.log,
    );
    onTeardown(() => {
      this.hook.close();
      assert.deepEqual(this.log.errors, [], 'nothing was thrown where nothing may be thrown');
    }, 'tested');
  }

  event(number: unknown, client: string | undefined = 'a', more: Partial<Job<string>['event']> = {}): void {
    const socket = client === undefined ? 1 : -1;
    const event = {
      ...{ type: 0, event: 'Message', socket, client, message: jsonOf({ str: String(number), client }), method: '' },
      ...{ run: 'run', seq: ++this.seq, time: '2026-01-01T00:00:00.000Z', ...more },
    };
    this.hook.add({ connection: `${socket} ${client}`, event, of: String(number) });
  }

  get reported(): number {
    return this.delivered.all.reduce((sum, { jobs }) => sum + jobs.length, 0) + this.undelivered.all.length;
  }
}

/** A hook that calls a stand-in as a request handler. */
export const handler = (standIn: StandIn4D, more: object = {}) => new HookHarness({ URL: `${standIn.origin}/hooks/ws`, ...more });
/** Short waits between retries. */
export const quick = { minWaitBetweenRetries: 1, maxWaitBetweenRetries: 5 };
export const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);
