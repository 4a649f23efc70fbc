import assert from 'node:assert/strict';
import { type Link, LinkedList } from '../../../src/core/linked-list';

describe('LinkedList', () => {
  const itemsOf = (list: LinkedList<string>) => {
    const items: string[] = [];
    for (let link = list.first; link; link = link.after) items.push(link.item);
    assert.deepEqual(
      Array.from(list, ({ item }) => item),
      items,
    );
    return items;
  };

  it('is empty at first', () => {
    const list = new LinkedList<string>();
    assert.deepEqual([list.first, list.size], [undefined, 0]);
  });

  for (const [removed, left] of [
    ['a', 'bc'],
    ['b', 'ac'],
    ['c', 'ab'],
    ['ab', 'c'],
    ['cba', ''],
    ['bac', ''],
  ] as const) {
    it(`abc without ${removed} is ${left || 'empty'}, and takes more at its end`, () => {
      const list = new LinkedList<string>();
      const links = new Map<string, Link<string>>();
      for (const item of 'abc') links.set(item, list.add(item));
      for (const item of removed) list.remove(links.get(item) as Link<string>);
      assert.deepEqual([itemsOf(list).join(''), list.size], [left, left.length]);
      list.add('d');
      assert.equal(itemsOf(list).join(''), `${left}d`);
    });
  }

  it('takes an item before any other', () => {
    const list = new LinkedList<string>();
    const b = list.add('b');
    const a = list.add('a', b);
    list.add('x', b);
    list.remove(a);
    list.add('c');
    assert.deepEqual([itemsOf(list).join(''), list.size], ['xbc', 3]);
  });

  it('is iterated to its end while each link is removed, and a removed link refers to no other', () => {
    const list = new LinkedList<string>();
    for (const item of 'abc') list.add(item);
    const seen: string[] = [];
    for (const link of list) {
      list.remove(link);
      seen.push(link.item);
      assert.deepEqual([link.before, link.after], [undefined, undefined]);
    }
    assert.deepEqual([seen.join(''), list.size], ['abc', 0]);
  });
});
