/** A client of the flow that sends numbered messages, and the counts of their answers. */
import type { Item, Subject } from './subject';

/** The counts since the last reset; see `node/faults-feed.js`. */
export interface Feed {
  readonly asked: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly answeredAgain: number;
  readonly said: Readonly<Record<string, number>>;
  readonly received: number;
  readonly receivedAgain: number;
  readonly disordered: number;
}

/** Returns a client that starts automatically, its feed, and its events without errors. */
export const fedClient = (options: object): Item[] => [
  { id: 'client', type: 'ix-client', autoStart: true, stableAfterMs: 0, ...options },
  ...[
    { id: 'feed', type: 'faults-feed', wires: [['feed-send']] },
    { id: 'feed-send', type: 'ix-client-send', client: 'client', wires: [['feed']] },
    { id: 'feed-events', type: 'ix-client-events', client: 'client', wires: [['feed'], ['harness'], ['harness'], []] },
  ].map((item) => ({ z: 'tab', x: 1, y: 1, ...item })),
];

/** Sends `count` messages of `size` characters, or until `stopFeed`. */
export const startFeed = (subject: Subject, perSecond: number, { size = 0, count = 1e9 } = {}) =>
  subject.ask(`feed/start?perSecond=${perSecond}&size=${size}&count=${count}`, 'POST');
export const stopFeed = (subject: Subject) => subject.ask('feed/stop', 'POST');
export const feedOf = (subject: Subject) => subject.ask<Feed>('feed');
/** Resolves with the numbers of the messages that failed. */
export const failuresOf = (subject: Subject) => subject.ask<number[]>('feed/failures');
export const resetFeed = (subject: Subject) => subject.ask('feed/reset', 'POST');
