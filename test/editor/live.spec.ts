import assert from 'node:assert/strict';
import { fileName, injectOf, recordingOf } from '../../nodes/editor/live/export';
import { points, polyline, Rates } from '../../nodes/editor/live/rates';
import { bytesText, hexDump, jsonOf, rateText, spanText } from '../../nodes/editor/live/text';
import type { FrameRow } from '../../nodes/live';
import { framesOf } from '../../src/replay/format';

const counters = (messagesIn: number, bytesIn = 0) => ({ messagesIn, bytesIn, messagesOut: 0, bytesOut: 0 });
const frame = (more: Partial<FrameRow>): FrameRow => ({
  ...{ seq: 1, at: 1000, isOut: false, kind: 'text', size: 1, isCut: false, isKept: true },
  ...more,
});

describe('rates of the sidebar', () => {
  it('are the difference of two answers by their times', () => {
    const rates = new Rates();
    assert.equal(rates.note('a', counters(10, 100), 1000).in, 0);
    const { in: messages, bytesIn } = rates.note('a', counters(30, 1100), 3000);
    assert.deepEqual([messages, bytesIn], [10, 500]);
  });

  it('are not negative when counters begin again', () => {
    const rates = new Rates();
    rates.note('a', counters(10), 1000);
    assert.equal(rates.note('a', counters(3), 2000).in, 0);
    assert.equal(rates.note('a', counters(4), 3000).in, 1);
  });

  it('stay if the same answer comes twice', () => {
    const rates = new Rates();
    rates.note('a', counters(0), 1000);
    rates.note('a', counters(5), 2000);
    assert.equal(rates.note('a', counters(5), 2000).in, 5);
  });

  it('of a graph are as many as it shows, and those of gone sockets are forgotten', () => {
    const rates = new Rates();
    for (let i = 0; i < points + 10; i++) rates.note('a', counters(i), i * 1000);
    assert.equal(rates.history('a').in.length, points);
    rates.sweep();
    assert.equal(rates.history('a').in.length, points);
    rates.sweep();
    assert.deepEqual(rates.history('a').in, []);
  });

  it('are drawn with the newest at the right', () => {
    assert.equal(polyline([], 1, 29, 16), '');
    assert.equal(polyline([0, 10], 10, 29, 16), '28,15 29,1');
    assert.equal(polyline([0], 0, 29, 16), '29,15');
  });
});

describe('texts of the sidebar', () => {
  for (const [bytes, text] of [
    [0, '0 B'],
    [999, '999 B'],
    [1234, '1.2 kB'],
    [34_000_000, '34 MB'],
    [999_700, '1 MB'],
  ] as const) {
    it(`${bytes} bytes are ${text}`, () => assert.equal(bytesText(bytes), text));
  }
  for (const [rate, text] of [
    [0, '0'],
    [0.52, '0.5'],
    [12.4, '12'],
    [1234, '1.2k'],
  ] as const) {
    it(`a rate of ${rate} is ${text}`, () => assert.equal(rateText(rate), text));
  }
  for (const [ms, text] of [
    [4900, '5 s'],
    [125_000, '2 min'],
    [7_300_000, '2 h'],
    [200_000_000, '2 d'],
    [-5, '0 s'],
  ] as const) {
    it(`${ms} ms are ${text}`, () => assert.equal(spanText(ms), text));
  }

  it('a hex dump has offsets, bytes and readable characters, up to a limit', () => {
    assert.equal(hexDump(Buffer.from('ab\u0000cdefghi')), '0000  61 62 00 63 64 65 66 67  ab·cdefg\n0008  68 69                    hi');
    assert.equal(hexDump(Buffer.alloc(100), 16).split('\n').length, 2);
  });

  it('JSON is an object or a list', () => {
    assert.deepEqual(jsonOf(' {"a":1}'), { a: 1 });
    for (const text of ['1', '"a"', '{', 'null', 'x']) assert.equal(jsonOf(text), undefined);
  });
});

describe('what the sidebar saves', () => {
  it('is an inject node with JSON, if that is sent as it was received', () => {
    const payload = (more: Partial<FrameRow>) => {
      const { payload, payloadType } = injectOf(frame(more));
      return [payloadType, payload];
    };
    assert.deepEqual(payload({ text: '{"a":1}' }), ['json', '{"a":1}']);
    assert.deepEqual(payload({ text: '{ "a": 1.0 }' }), ['str', '{ "a": 1.0 }']);
    assert.deepEqual(payload({ text: 'hello' }), ['str', 'hello']);
    assert.deepEqual(payload({ base64: 'AAH/' }), ['bin', '[0,1,255]']);
  });

  it('is a recording of the whole messages, with times from the first on', () => {
    const { recording, left } = recordingOf({ side: 'client', name: 'c' }, [
      frame({ kind: 'ping', base64: '', at: 900 }),
      frame({ text: 'a' }),
      frame({ isOut: true, kind: 'binary', base64: 'AAE=', at: 1250 }),
      frame({ text: 'cu', isCut: true, at: 1300 }),
      frame({ kind: 'close', text: '1000', at: 1400 }),
    ]);
    assert.deepEqual(recording, {
      'ix-recording': 1,
      socket: { side: 'client', name: 'c' },
      frames: [
        { at: 0, direction: 'in', type: 'text', data: 'a' },
        { at: 250, direction: 'out', type: 'binary', data: 'AAE=' },
      ],
    });
    assert.deepEqual(framesOf(recording), recording.frames, 'a replay accepts it');
    assert.equal(left, 1);
    assert.deepEqual(recordingOf({ side: 'server', name: '' }, []).recording.frames, []);
  });

  it('has a file name that every system takes', () => {
    assert.equal(fileName('ws://host:1/ä?b'), 'ws-host-1-ä-b.json');
    assert.equal(fileName('///'), 'websocket.json');
  });
});
