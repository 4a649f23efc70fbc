import assert from 'node:assert/strict';
import { Latch } from '../../../src/core/latch';

describe('Latch', () => {
  const isOpen = async (latch: Latch) => Promise.race([latch.opened().then(() => true), new Promise(setImmediate).then(() => false)]);

  it('resolves for those who waited before it opened, and for those who come later', async () => {
    const latch = new Latch();
    assert.equal(await isOpen(latch), false);
    const waiting = [latch.opened(), latch.opened()];
    latch.open();
    await Promise.all(waiting);
    assert.equal(await isOpen(latch), true);
  });

  it('resolves at once if nobody waited before', async () => {
    const latch = new Latch();
    latch.open();
    assert.equal(await isOpen(latch), true);
  });
});
