import assert from 'node:assert/strict';
import { SocketError } from '../../../src/core/errors';
import { maxFrames } from '../../../src/replay/format';
import { readRecording } from '../../../src/replay/recording';

const frame = (at: number, direction: string, data: unknown, type = 'text') => ({ at, direction, type, data });
const recording = (...frames: unknown[]) => ({ 'ix-recording': 1, socket: { side: 'client', name: 'feed' }, frames });
const three = recording(frame(20, 'out', 'b'), frame(0, 'out', 'a'), frame(35, 'in', 'AAEC', 'binary'));

describe('a recording', () => {
  it('has the messages of a direction in the order of time', () => {
    const [a, b] = [
      { at: 0, data: 'a' },
      { at: 20, data: 'b' },
    ];
    const binary = { at: 35, data: Buffer.from([0, 1, 2]) };
    assert.deepEqual(readRecording(three, 'out'), { frames: [a, b], duration: 35 });
    assert.deepEqual(readRecording(three, 'in'), { frames: [binary], duration: 35 });
    assert.deepEqual(readRecording(JSON.stringify(three), 'both'), { frames: [a, b, binary], duration: 35 });
  });

  it('may be empty', () => assert.deepEqual(readRecording(recording(), 'out'), { frames: [], duration: 0 }));

  const wrong: readonly [title: string, given: unknown, sentence: RegExp][] = [
    ['text that is not JSON', '{"ix-recording": 1', /^The option recording must be JSON; /],
    ['a number', 7, /must be an object; got the number 7\. Save one/],
    ['a list', [], /must be an object; got a list of 0/],
    ['null', null, /must be an object; got null/],
    ['another object', { frames: [] }, /must have the property ix-recording; it is missing/],
    ['another version', { 'ix-recording': 2, frames: [] }, /must have the version 1 \(ix-recording\); got the number 2\. Record it again/],
    ['a version as text', { 'ix-recording': '1', frames: [] }, /got the string "1"/],
    ['no list of frames', { 'ix-recording': 1, frames: {} }, /must have a list of frames; got an object/],
    ['a frame that is none', recording('a'), /recording\.frames\[0\] must be an object; got the string "a"/],
    [
      'a negative time',
      recording(frame(-1, 'out', '')),
      /frames\[0\]\.at must be a time in milliseconds from the start; got the number -1/,
    ],
    ['a time that is none', recording(frame(Number.NaN, 'out', '')), /\.at must be/],
    ['a third direction', recording(frame(0, 'up', '')), /\.direction must be in or out; got the string "up"/],
    ['another type', recording(frame(0, 'out', 'a'), frame(0, 'out', '', 'ping')), /frames\[1\]\.type must be text or binary/],
    ['data that is no text', recording(frame(0, 'out', 1)), /\.data must be a string; got the number 1/],
    ['data that is not Base64', recording(frame(0, 'out', 'AA!=', 'binary')), /\.data must be a string in Base64/],
    [
      'a message of the other direction only',
      recording(frame(0, 'in', 'a')),
      /^The option direction is out, and the recording has no message/,
    ],
    [
      'too many frames',
      recording(...Array.from({ length: maxFrames + 1 }, () => frame(0, 'out', ''))),
      /may have 100000 frames; got 100001/,
    ],
    ['too much data', recording(...Array.from({ length: 65 }, () => frame(0, 'out', 'x'.repeat(1 << 20)))), /may have 67108864 bytes/],
  ];
  for (const [title, given, sentence] of wrong) {
    it(`is rejected: ${title}`, () =>
      assert.throws(
        () => readRecording(given, 'out'),
        (error: unknown) => error instanceof SocketError && error.code === 'ERR_OPTION' && sentence.test(error.message),
      ));
  }
});
