import assert from 'node:assert/strict';
import { askForShare, atEndOfTurn, isOnlyAnswer, isTurnFull, mayRead, readingTurn, share } from '../../../src/connection/loop-scheduler';

const log = { warn() {}, error: (error: unknown) => assert.fail(String(error)) };
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Makes 32 writes after messages were read. @returns what has run. */
function writing(read: number): string[] {
  const ran: string[] = [];
  readingTurn(read, read);
  for (let i = 0; i < 32; i++) atEndOfTurn({ log, runTask: () => ran.push('write') });
  return ran;
}

describe('the loop scheduler', () => {
  beforeEach(async () => {
    // Ends the turns that other tests began.
    for (let i = 0; i < 5; i++) await turn();
  });

  it('runs tasks once, at the end of the turn, in order', async () => {
    const ran: string[] = [];
    atEndOfTurn({ log, runTask: () => ran.push('first') });
    atEndOfTurn({ log, runTask: () => ran.push('second') });
    await Promise.resolve();
    assert.deepEqual(ran, []);
    await turn();
    await turn();
    assert.deepEqual(ran, ['first', 'second']);
  });

  it('a task that throws is reported, and the others run', async () => {
    const [ran, errors]: [string[], string[]] = [[], []];
    const runTask = () => {
      throw new Error('no');
    };
    atEndOfTurn({ log: { warn() {}, error: (error) => errors.push(String(error)) }, runTask });
    atEndOfTurn({ log, runTask: () => ran.push('second') });
    await turn();
    assert.deepEqual([ran, errors], [['second'], ['Error: no']]);
  });

  it('a turn has one number, and the next turn another', async () => {
    const first = readingTurn(1, 1);
    assert.equal(readingTurn(1, 1), first);
    await turn();
    assert.equal(readingTurn(1, 1), first + 1);
  });

  it('a turn is full after 512 frames, or 1 MiB', async () => {
    readingTurn(511, 0);
    assert.equal(isTurnFull(), false);
    readingTurn(1, 0);
    assert.equal(isTurnFull(), true);
    await turn();
    assert.equal(isTurnFull(), false);
    readingTurn(1, 1024 * 1024);
    assert.equal(isTurnFull(), true);
  });

  it('the first message after one was read is its only answer', async () => {
    readingTurn(1, 10);
    await turn();
    assert.deepEqual([isOnlyAnswer(), isOnlyAnswer()], [true, false]);
  });

  it('no message is the only answer after two were read', async () => {
    readingTurn(2, 20);
    await turn();
    assert.equal(isOnlyAnswer(), false);
  });

  it('many tasks wait for two more turns at most while messages are read', async () => {
    const ran = writing(64);
    await turn();
    assert.equal(ran.length, 0);
    readingTurn(1, 1);
    await turn();
    assert.equal(ran.length, 0);
    readingTurn(1, 1);
    await turn();
    assert.equal(ran.length, 32);
  });

  it('tasks do not wait while each connection has read one message', async () => {
    const ran = writing(63);
    await turn();
    assert.equal(ran.length, 32);
  });

  it('a turn is for 64 connections, and those that wait have their turns in order before others', async () => {
    const read: number[] = [];
    for (let i = 0; i < 64; i++) assert.equal(mayRead(), true);
    for (let i = 0; i < 65; i++) {
      assert.equal(mayRead(), false);
      askForShare({ log, runTask: () => read.push(i) });
    }
    await turn();
    assert.deepEqual(
      read,
      Array.from({ length: 64 }, (_, i) => i),
    );
    assert.equal(mayRead(), false);
    await turn();
    assert.equal(read.length, 65);
    assert.equal(mayRead(), true);
  });

  it('while tasks wait for more messages, connections that wait are not read', async () => {
    const ran = writing(512);
    askForShare({ log, runTask: () => ran.push('read') });
    await turn();
    assert.deepEqual(ran, []);
    await turn();
    assert.deepEqual(ran, [...Array<string>(32).fill('write'), 'read']);
  });

  it('a connection gets at most a quarter of a turn', () => assert.deepEqual(share, { frames: 128, bytes: 256 * 1024 }));
});
