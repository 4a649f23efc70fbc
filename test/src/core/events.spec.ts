import assert from 'node:assert/strict';
import { errorPayload, eventNames, Listeners } from '../../../src/core/events';
import { guarded } from '../../../src/core/log';
import { TestLog } from '../../helpers/sockets';

describe('events', () => {
  it("stand in the order of the plugin's type codes", () => assert.deepEqual(eventNames, ['Message', 'Open', 'Close', 'Error']));

  it('an Error about something that is not tried again has zeros', () => {
    assert.deepEqual(errorPayload('why'), { retries: 0, wait_time: 0, http_status: 0, reason: 'why', decompressionError: false });
    assert.equal(errorPayload('why', { http_status: 503 }).http_status, 503);
  });
});

describe('Listeners', () => {
  it('are called in the order in which they came', () => {
    const listeners = new Listeners<number>(new TestLog());
    const heard: string[] = [];
    for (const name of ['a', 'b', 'c']) listeners.on((value) => heard.push(`${name}${value}`));
    listeners.emit(1);
    assert.deepEqual(heard, ['a1', 'b1', 'c1']);
  });

  it('what on hands back takes the listener off, once and no other', () => {
    const listeners = new Listeners<number>(new TestLog());
    let heard = 0;
    const listener = () => heard++;
    const off = listeners.on(listener);
    listeners.on(listener);
    off();
    off();
    listeners.emit(1);
    assert.deepEqual([heard, listeners.size], [1, 1]);
  });

  it('one that throws is logged, and the others receive the event', () => {
    const log = new TestLog();
    const listeners = new Listeners<number>(log);
    const error = new Error('mine');
    let heard = 0;
    listeners.on(() => {
      throw error;
    });
    listeners.on(() => heard++);
    listeners.emit(1);
    assert.deepEqual([log.errors, heard], [[error], 1]);
  });
});

describe('guarded', () => {
  it('hands on what it is called with', () => {
    const got: unknown[] = [];
    guarded(new TestLog(), (...args: unknown[]) => got.push(...args))(1, 'two');
    assert.deepEqual(got, [1, 'two']);
  });

  it('logs what is thrown, and throws nothing', () => {
    const log = new TestLog();
    const error = new Error('ours');
    guarded(log, () => {
      throw error;
    })();
    assert.deepEqual(log.errors, [error]);
  });
});
