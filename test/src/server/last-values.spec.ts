import assert from 'node:assert/strict';
import { LastValues } from '../../../src/server/last-values';
import { OutgoingMessage } from '../../../src/wire/outgoing-message';
import { fakeClock } from '../../helpers/clock';
import { bytesKept } from '../../helpers/heap';
import { TestLog } from '../../helpers/sockets';
import { teardown } from '../../helpers/teardown';

const defaults = { maxRetained: 1000, maxRetainedBytes: 1_000_000, retainSecs: undefined, history: 1 };

function lastValues(options: object = {}): LastValues {
  const values = new LastValues(new TestLog());
  values.configure({ ...defaults, ...options }, undefined);
  return values;
}
const put = (values: LastValues, text: string, key = '', tags?: readonly string[], format?: string) =>
  values.keep(tags, key, [OutgoingMessage.kept(text)], format);
const texts = (values: LastValues, ...tags: (string | undefined)[]) =>
  values
    .of(tags)
    .flat()
    .map(({ bytes }) => String(bytes));

describe('last values', () => {
  afterEach(teardown);

  it('are the newest of each tag and key, oldest first; a key sent again moves to the end', () => {
    const values = lastValues();
    for (const [text, key] of ['a1', 'b1', 'c1', 'a2'].map((text) => [text, text.slice(0, 1)] as const)) put(values, text, key);
    put(values, 'of a tag', 'a', ['t']);
    assert.deepEqual(texts(values, undefined), ['b1', 'c1', 'a2']);
    assert.deepEqual(texts(values, 't'), ['of a tag']);
    assert.deepEqual(texts(values, 'other'), []);
  });

  it('of several tags come in one order, and a message for several of them comes once', () => {
    const values = lastValues();
    put(values, '1', '', ['b']);
    put(values, '2', 'k', ['a', 'b']);
    put(values, '3', '', ['a']);
    assert.deepEqual(texts(values, 'a', 'b'), ['1', '2', '3']);
    assert.deepEqual(
      values.info?.map(({ tag, key }) => [tag, key]),
      [
        ['b', ''],
        ['a', 'k'],
        ['b', 'k'],
        ['a', ''],
      ],
    );
  });

  it('have so many messages of a key as history says', () => {
    const values = lastValues({ history: 3 });
    for (const text of ['1', '2', '3', '4', '5']) put(values, text);
    assert.deepEqual(texts(values, undefined), ['3', '4', '5']);
    values.discard(undefined, '');
    assert.deepEqual([texts(values, undefined), values.isEmpty, values.info], [[], true, []]);
  });

  it('are listed with tag, key, bytes and since', () => {
    const values = lastValues();
    assert.equal(values.info, undefined);
    const before = Date.now();
    put(values, 'ä', 'k');
    const [{ since = '', ...one } = {}] = values.info ?? [];
    assert.deepEqual(one, { key: 'k', bytes: 2 });
    assert.ok(Date.parse(since) >= before && Date.parse(since) <= Date.now(), since);
  });

  describe('above a limit', () => {
    it('are not kept, and nothing changes', () => {
      const values = lastValues({ maxRetained: 2 });
      assert.equal(put(values, 'a', 'a') ?? put(values, 'b', 'b'), undefined);
      assert.match(put(values, 'c', 'c') ?? '', /^2 messages \(maxRetained\) are kept already$/);
      assert.match(put(values, 'd', 'a', ['t']) ?? '', /maxRetained/);
      assert.equal(put(values, 'a2', 'a'), undefined, 'the same key needs no place');
      assert.deepEqual(texts(values, undefined), ['b', 'a2']);
    });

    it('of bytes too; the older message of the key makes room', () => {
      const values = lastValues({ maxRetainedBytes: 100 });
      assert.equal(put(values, 'x'.repeat(60), 'a'), undefined);
      assert.match(put(values, 'x'.repeat(41), 'b') ?? '', /larger than 100 bytes \(maxRetainedBytes\)/);
      assert.equal(put(values, 'x'.repeat(100), 'a'), undefined);
      assert.match(put(values, 'x'.repeat(101), 'a') ?? '', /maxRetainedBytes/);
      assert.deepEqual(
        values.info?.map(({ bytes }) => bytes),
        [100],
      );
    });

    it('with a list of tags, one for each tag or none', () => {
      const values = lastValues({ maxRetained: 2, maxRetainedBytes: 10 });
      assert.match(put(values, 'a', '', ['1', '2', '3']) ?? '', /maxRetained\)/);
      assert.match(put(values, '123456', '', ['1', '2']) ?? '', /maxRetainedBytes/);
      assert.equal(values.isEmpty, true);
      assert.equal(put(values, '12345', '', ['1', '2', '1']), undefined, 'a repeated tag is one');
    });

    it('none are kept with maxRetained 0, or for a list of no tags', () => {
      assert.match(put(lastValues({ maxRetained: 0 }), 'a') ?? '', /maxRetained/);
      assert.match(put(lastValues(), 'a', '', []) ?? '', /names no group/);
    });
  });

  describe('with retainSecs', () => {
    it('end after that time, and leave no timer', () => {
      const clock = fakeClock({ withPerformance: true });
      const values = lastValues({ retainSecs: 10 });
      put(values, 'a', 'a');
      clock.tick(6000);
      put(values, 'b', 'b');
      clock.tick(3999);
      assert.deepEqual(texts(values, undefined), ['a', 'b']);
      clock.tick(1);
      assert.deepEqual([texts(values, undefined), clock.countTimers()], [['b'], 1]);
      put(values, 'b2', 'b');
      clock.tick(6000);
      assert.deepEqual(texts(values, undefined), ['b2'], 'a key sent again begins anew');
      clock.tick(4000);
      assert.deepEqual([values.isEmpty, clock.countTimers()], [true, 0]);
    });

    it('have no timer after clear', () => {
      const clock = fakeClock({ withPerformance: true });
      const values = lastValues({ retainSecs: 10 });
      put(values, 'a');
      values.clear();
      assert.deepEqual([values.isEmpty, clock.countTimers()], [true, 0]);
    });

    it('that is shorter at the next start, end by the new one', () => {
      const clock = fakeClock({ withPerformance: true });
      const values = lastValues({ retainSecs: 100 });
      put(values, 'a', 'a');
      clock.tick(5000);
      values.configure({ ...defaults, retainSecs: 6 }, undefined);
      assert.equal(values.isEmpty, false);
      clock.tick(1000);
      assert.equal(values.isEmpty, true);
    });
  });

  describe('handed on', () => {
    it('keep order, age and time', () => {
      const clock = fakeClock({ withPerformance: true });
      const first = lastValues({ retainSecs: 10 });
      put(first, 'a', 'a');
      put(first, 'b', 'b', ['t']);
      const { info } = first;
      clock.tick(4000);
      const second = new LastValues(new TestLog());
      second.adopt(first.takeAll());
      assert.deepEqual([first.isEmpty, clock.countTimers()], [true, 0]);
      second.configure({ ...defaults, retainSecs: 10 }, undefined);
      put(second, 'c', 'c');
      assert.deepEqual(second.info?.slice(0, 2), info);
      assert.deepEqual(texts(second, undefined, 't'), ['a', 'b', 'c']);
      clock.tick(6000);
      assert.deepEqual(texts(second, undefined, 't'), ['c']);
    });

    it('fit the new limits: the oldest go', () => {
      const first = lastValues({ history: 3 });
      for (const text of ['1', '2', '3']) put(first, text);
      put(first, 'x'.repeat(50), 'x');
      const second = new LastValues(new TestLog());
      second.adopt(first.takeAll());
      second.configure({ ...defaults, history: 2 }, undefined);
      assert.deepEqual(texts(second, undefined).slice(0, 2), ['2', '3']);
      second.configure({ ...defaults, maxRetained: 2 }, undefined);
      assert.deepEqual(texts(second, undefined)[0], '3');
      second.configure({ ...defaults, maxRetainedBytes: 49 }, undefined);
      assert.equal(second.isEmpty, true);
    });

    it('to another format, only text and bytes remain', () => {
      const values = lastValues();
      put(values, 'text', 'a');
      put(values, '{"json":1}', 'b', undefined, 'json');
      values.configure(defaults, 'json');
      assert.deepEqual(texts(values, undefined), ['text', '{"json":1}']);
      values.configure(defaults, 'msgpack');
      assert.deepEqual(texts(values, undefined), ['text']);
    });
  });

  it('keep no more than their bytes: not the long text that a message, tag or key was cut out of', () => {
    const values = lastValues();
    const kept = bytesKept(() => {
      for (let i = 0; i < 20; i++) {
        const long = `${i}: a part that is long enough to be a slice${'x'.repeat(1_000_000)}`;
        put(values, long.slice(0, 40), long.slice(0, 41), [long.slice(0, 42)]);
      }
      return values;
    });
    assert.ok(kept < 1_000_000, `${kept} bytes`);
  });

  it('are what was sent, whatever the flow does to its Buffer later', () => {
    const values = lastValues();
    for (const size of [5, 50_000]) {
      const buffer = Buffer.alloc(size, 'a');
      values.keep(undefined, String(size), [OutgoingMessage.kept(buffer)]);
      buffer.fill('b');
    }
    for (const text of texts(values, undefined)) assert.match(text, /^a+$/);
  });
});
