import assert from 'node:assert/strict';
import { Frames, listed, maxFrames, maxKeptBytes, maxWholeBytes } from '../../../src/inspect/frames';
import { Redaction } from '../../../src/inspect/redaction';
import { clientOptions } from '../../../src/options/client';

function framesOf(values: Record<string, unknown> = {}) {
  const redaction = new Redaction();
  redaction.add(clientOptions, values);
  return new Frames(redaction);
}

describe('the frames that somebody looks at', () => {
  it('are the last 200, with a number that goes on', () => {
    const frames = framesOf();
    for (let i = 1; i <= maxFrames + 50; i++) frames.add(false, 'text', String(i));
    const { seen, frames: rows } = frames.after(0);
    assert.deepEqual([seen, rows.length, rows[0]?.text, rows.at(-1)?.text], [250, 200, '51', '250']);
    assert.deepEqual(
      frames.after(248).frames.map(({ seq }) => seq),
      [249, 250],
    );
  });

  it('have direction, size in bytes, kind, and the connection', () => {
    const frames = framesOf();
    frames.add(true, 'text', 'ä', 'c-1');
    frames.add(false, 'ping', Buffer.from('p'));
    const [text, ping] = frames.after(0).frames;
    assert.deepEqual([text?.isOut, text?.kind, text?.size, text?.text, text?.client], [true, 'text', 2, 'ä', 'c-1']);
    assert.deepEqual([ping?.isOut, ping?.kind, ping?.size, ping?.base64], [false, 'ping', 1, 'cA==']);
  });

  it('are cut in a list, and whole on demand', () => {
    const frames = framesOf();
    frames.add(false, 'text', 'x'.repeat(3000));
    frames.add(false, 'binary', Buffer.alloc(3000, 1));
    const [text, bytes] = frames.after(0).frames;
    assert.deepEqual([text?.text?.length, text?.isCut, text?.isKept, text?.size], [listed, true, true, 3000]);
    assert.equal(Buffer.from(bytes?.base64 ?? '', 'base64').length, listed);
    assert.equal(frames.whole(1)?.text?.length, 3000);
    assert.equal(Buffer.from(frames.whole(2)?.base64 ?? '', 'base64').length, 3000);
    assert.equal(frames.whole(3), undefined);
  });

  it('keep no more than 4 MiB, and none of more than 1 MiB', () => {
    const frames = framesOf();
    const size = maxWholeBytes / 2;
    for (let i = 0; i < 20; i++) frames.add(false, i % 2 ? 'text' : 'binary', i % 2 ? 'x'.repeat(size) : Buffer.alloc(size));
    const kept = frames.after(0).frames.filter(({ isKept }) => isKept);
    assert.ok(kept.length * size <= maxKeptBytes && kept.length >= 6, `${kept.length} are kept`);
    assert.equal(kept.at(-1)?.seq, 20, 'the newest');
    assert.equal(frames.whole(1), undefined);
    assert.equal(frames.after(0).frames[1]?.text?.length, listed, 'the beginning of the others');
    frames.add(false, 'text', 'y'.repeat(maxWholeBytes + 1));
    assert.deepEqual([frames.whole(21), frames.after(20).frames[0]?.size], [undefined, maxWholeBytes + 1]);
  });

  it('do not change with the bytes of the flow', () => {
    const frames = framesOf();
    const bytes = Buffer.from('one');
    frames.add(false, 'binary', bytes);
    bytes.fill(0);
    assert.equal(frames.after(0).frames[0]?.base64, Buffer.from('one').toString('base64'));
  });

  it('show no half of a surrogate pair', () => {
    const frames = framesOf();
    frames.add(false, 'text', `${'x'.repeat(listed - 1)}😀 and more`);
    assert.equal(frames.after(0).frames[0]?.text, 'x'.repeat(listed - 1));
  });
});

describe('the secrets in frames', () => {
  const secret = 's3"cret-token';
  const values = { password: 'pass-w0rd', secrets: { token: secret }, user: 'ann' };

  it('are hidden in texts, in JSON and in bytes, in the list and in the whole', () => {
    const frames = framesOf(values);
    frames.add(true, 'text', `a ${secret} b pass-w0rd`);
    frames.add(true, 'text', JSON.stringify({ token: secret }));
    frames.add(true, 'binary', Buffer.from(`\u0000${secret}\u0001`));
    const rows = frames.after(0).frames;
    assert.deepEqual([rows[0]?.text, rows[1]?.text], ['a *** b ***', '{"token":"***"}']);
    assert.equal(Buffer.from(rows[2]?.base64 ?? '', 'base64').toString(), '\u0000***\u0001');
    assert.equal(frames.whole(1)?.text, 'a *** b ***');
  });

  it('are hidden where a frame is cut, also after other secrets', () => {
    for (const before of ['', secret, `${secret}${secret}`.repeat(20)]) {
      for (let at = 1; at < 2 * secret.length; at++) {
        const frames = framesOf(values);
        const text = `${before}${'x'.repeat(Math.max(0, listed - before.length - at))}${secret}${'y'.repeat(2000)}`;
        frames.add(false, 'text', text);
        frames.add(false, 'binary', Buffer.from(text));
        const [shown, bytes] = frames.after(0).frames;
        for (const each of [shown?.text ?? '', Buffer.from(bytes?.base64 ?? '', 'base64').toString()]) {
          assert.doesNotMatch(each, /s3|cret|token/, `${before.length} ${at}`);
        }
      }
    }
  });

  it('are hidden in the beginning of a frame that is no longer kept', () => {
    const frames = framesOf(values);
    frames.add(false, 'text', `${'x'.repeat(listed - 5)}${secret}${'y'.repeat(maxWholeBytes)}`);
    assert.doesNotMatch(frames.after(0).frames[0]?.text ?? '', /s3/);
  });

  it('are also those of the URL and of the header Authorization', () => {
    const redaction = new Redaction();
    redaction.add(clientOptions, { URL: 'wss://ann:p%40ss-word@host/?room=kitchen', headers: { authorization: 'Bearer abc.def' } });
    assert.equal(redaction.text('p%40ss-word p@ss-word Bearer abc.def abc.def ann kitchen'), '*** *** *** *** ann kitchen');
  });

  it('of earlier options stay hidden', () => {
    const redaction = new Redaction();
    redaction.add(clientOptions, { password: 'first-one' });
    redaction.add(clientOptions, { password: 'second' });
    assert.equal(redaction.text('first-one second'), '*** ***');
  });
});
