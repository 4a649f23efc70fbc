import assert from 'node:assert/strict';
import { InFlight } from '../../../src/connection/in-flight';

/** Returns an item that counts its accesses. */
class Item {
  static reads = 0;
  next: Item | undefined;
  private settled = false;

  get isSettled(): boolean {
    Item.reads++;
    return this.settled;
  }
  set isSettled(value: boolean) {
    this.settled = value;
  }
}

function flown(count: number): { items: Item[]; inFlight: InFlight<Item> } {
  const inFlight = new InFlight<Item>();
  const items = Array.from({ length: count }, () => new Item());
  for (const item of items) inFlight.add(item);
  return { items, inFlight };
}

describe('what is in flight', () => {
  const orders: [string, (items: Item[]) => Item[]][] = [
    ['from the front', (items) => items],
    ['from the back', (items) => [...items].reverse()],
    ['every second first', (items) => [...items.filter((_, i) => i % 2 === 0), ...items.filter((_, i) => i % 2 === 1)]],
    ['the oldest last', ([first, ...rest]) => [...rest, first as Item]],
  ];
  for (const [title, order] of orders) {
    it(`is settled ${title} in a number of steps that grows with the count alone`, () => {
      const count = 20_000;
      const { items, inFlight } = flown(count);
      Item.reads = 0;
      for (const item of order(items)) assert.equal(inFlight.settle(item), true);
      assert.equal(Item.reads <= 4 * count, true, `${Item.reads} looks`);
      assert.deepEqual([inFlight.size, inFlight.oldest], [0, undefined]);
    });
  }

  it('is settled once', () => {
    const { items, inFlight } = flown(2);
    const [, second] = items as [Item, Item];
    assert.deepEqual([inFlight.settle(second), inFlight.settle(second), inFlight.size], [true, false, 1]);
  });

  it('has an oldest, the first that is not settled', () => {
    const { items, inFlight } = flown(3);
    const [first, second, third] = items as [Item, Item, Item];
    inFlight.settle(second);
    assert.equal(inFlight.oldest, first);
    inFlight.settle(first);
    assert.equal(inFlight.oldest, third);
  });

  it('takes more after it was empty', () => {
    const { items, inFlight } = flown(1);
    inFlight.settle(items[0] as Item);
    const item = new Item();
    inFlight.add(item);
    assert.deepEqual([inFlight.size, inFlight.oldest], [1, item]);
  });

  it('refers to nothing that was settled, and what was settled to nothing', () => {
    const { items, inFlight } = flown(3);
    for (const item of items) inFlight.settle(item);
    assert.deepEqual(
      items.map(({ next }) => next),
      [undefined, undefined, undefined],
    );
  });
});
