import assert from 'node:assert/strict';
import { type Choosable, Members, maxTags, type Receivers, type TagChanges } from '../../../src/server/members';
import { bytesKept } from '../../helpers/heap';

/** Five connections: `a` to `e` in the order of connection. `b` and `d` have the same request target. */
function five(): Members<Choosable> {
  const members = new Members<Choosable>();
  for (const [i, client] of [...'abcde'].entries()) {
    const uri = client === 'd' ? '/b' : `/${client}`;
    members.add({ ref: { client, uri }, place: i + 1, tags: new Set() });
  }
  return members;
}
const names = (chosen: readonly Choosable[]) => chosen.map(({ ref }) => ref.client).join('');
const put = (members: Members<Choosable>, client: string, ...add: string[]) =>
  members.retag(members.choose({ client: [...client] }), { add });
const tagsOf = (members: Members<Choosable>, client: string) => [...(members.get(client)?.tags ?? [])];

describe('the connections of a server', () => {
  describe('are chosen in the order of connection, each once:', () => {
    const rows: [string, Receivers, string][] = [
      ['everyone, where nobody is named', {}, 'abcde'],
      ['by name', { client: ['c'] }, 'c'],
      ['by several names, in any order and twice', { client: ['d', 'a', 'd'] }, 'ad'],
      ['by a name that nobody has', { client: ['x'] }, ''],
      ['by no name', { client: [] }, ''],
      ['by request target', { uri: ['/b'] }, 'bd'],
      ['by several request targets', { uri: ['/e', '/b', '/b'] }, 'bde'],
      ['everyone, by an empty list of request targets', { uri: [] }, 'abcde'],
      ['by tag', { tag: ['odd'] }, 'ace'],
      ['by several tags', { tag: ['late', 'odd'] }, 'acde'],
      ['by one tag twice', { tag: ['odd', 'odd'] }, 'ace'],
      ['by a tag that nobody has', { tag: ['none'] }, ''],
      ['by no tag', { tag: [] }, ''],
      ['by tag before name and request target', { tag: ['late'], client: ['a'], uri: ['/b'] }, 'de'],
      ['by name before request target', { client: ['a'], uri: ['/b'] }, 'a'],
      ['all but some', { except: ['b', 'c'] }, 'ade'],
      ['all but nobody', { except: [] }, 'abcde'],
      ['those with a tag but some', { tag: ['odd'], except: ['c', 'd'] }, 'ae'],
      ['all but some, whatever their request target', { except: ['b'], uri: ['/b'] }, 'acde'],
    ];
    for (const [title, which, expected] of rows) {
      it(title, () => {
        const members = five();
        put(members, 'eac', 'odd');
        put(members, 'ed', 'late');
        assert.equal(names(members.choose(which)), expected);
      });
    }
  });

  describe('in groups', () => {
    it('join and leave', () => {
      const members = five();
      put(members, 'ab', 'x');
      put(members, 'bc', 'x');
      assert.equal(names(members.choose({ tag: ['x'] })), 'abc');
      members.retag(members.choose({ client: ['a', 'e'] }), { remove: ['x', 'y'] });
      assert.equal(names(members.choose({ tag: ['x'] })), 'bc');
    });

    it('may be in several, and each knows its own', () => {
      const members = five();
      put(members, 'a', 'x', 'y');
      put(members, 'b', 'y');
      assert.deepEqual([tagsOf(members, 'a'), tagsOf(members, 'b'), tagsOf(members, 'c')], [['x', 'y'], ['y'], []]);
    });

    it('are taken out before they are put in', () => {
      const members = five();
      put(members, 'ab', 'x');
      members.retag(members.choose({ tag: ['x'] }), { remove: ['x'], add: ['y'] });
      assert.deepEqual([names(members.choose({ tag: ['x'] })), names(members.choose({ tag: ['y'] }))], ['', 'ab']);
      members.retag(members.choose({ client: ['a'] }), { remove: ['y'], add: ['y'] });
      assert.deepEqual(tagsOf(members, 'a'), ['y']);
    });

    it('can be called like what objects have anyway', () => {
      const members = five();
      put(members, 'a', '__proto__', 'constructor');
      assert.equal(names(members.choose({ tag: ['__proto__'] })), 'a');
      assert.equal(names(members.choose({ tag: ['toString'] })), '');
    });

    it('leave them all when they end', () => {
      const members = five();
      put(members, 'abc', 'x', 'y');
      members.delete('b');
      assert.deepEqual(
        [names(members.choose({ tag: ['x'] })), names(members.choose({ tag: ['y', 'x'] })), names(members.choose()), members.size],
        ['ac', 'ac', 'acde', 4],
      );
      assert.equal(members.get('b'), undefined);
      members.delete('b');
      assert.equal(members.size, 4);
    });

    it('leave no group behind that is empty', () => {
      const members = five();
      const { groups } = members as unknown as { groups: Map<string, unknown> };
      put(members, 'ab', 'x');
      put(members, 'a', 'y');
      members.retag(members.choose({ tag: ['y'] }), { remove: ['y'] });
      assert.deepEqual([...groups.keys()], ['x']);
      members.delete('a');
      members.delete('b');
      assert.equal(groups.size, 0);
    });

    describe(`are in at most ${maxTags}`, () => {
      const numbered = (count: number, from = 0) => Array.from({ length: count }, (_, i) => `tag ${from + i}`);
      const full = () => {
        const members = five();
        put(members, 'b', ...numbered(maxTags));
        return members;
      };
      const refused = (changes: TagChanges, client = 'abc') => {
        const members = full();
        const before = [...'abc'].map((name) => tagsOf(members, name));
        assert.throws(() => members.retag(members.choose({ client: [...client] }), changes), {
          code: 'ERR_OPTION',
          message: /^The option add would put the connection [ab] into \d+ groups; a connection is in at most 1000\. Remove it from some/,
        });
        assert.deepEqual(
          [...'abc'].map((name) => tagsOf(members, name)),
          before,
        );
      };

      it('and one more of one connection changes nothing of any', () => refused({ add: ['one more'], remove: ['none'] }));
      it('also where the list alone is too long', () => refused({ add: numbered(maxTags + 1), remove: numbered(maxTags) }, 'a'));
      it('also where fewer are taken out than put in', () => refused({ add: ['x', 'y'], remove: ['tag 5'] }));

      it('and those that they are in already count once', () => {
        const members = full();
        put(members, 'ab', ...numbered(maxTags), ...numbered(maxTags));
        assert.deepEqual([tagsOf(members, 'a').length, tagsOf(members, 'b').length], [maxTags, maxTags]);
      });

      it('and those that are taken out do not count', () => {
        const members = full();
        members.retag(members.choose({ client: ['b'] }), { remove: numbered(maxTags), add: numbered(maxTags, maxTags) });
        assert.equal(tagsOf(members, 'b').length, maxTags);
      });
    });

    it('keep no more of a long text than the tag that was cut out of it', () => {
      const members = five();
      const kept = bytesKept(() => {
        for (let i = 0; i < 20; i++) {
          const message = `${i}: a tag that is long enough to be a slice${'x'.repeat(1_000_000)}`;
          put(members, 'ab', message.slice(0, 40), `room ${message.slice(0, 40)}`);
        }
        return members;
      });
      assert.ok(kept < 1_000_000, `${kept} bytes`);
    });

    it('are not looked for again while nobody comes or goes, and a list that was handed out stays as it was', () => {
      const members = five();
      put(members, 'ab', 'x');
      const list = members.choose({ tag: ['x'] });
      put(members, 'c', 'y');
      assert.equal(members.choose({ tag: ['x'] }), list);
      put(members, 'c', 'x');
      assert.deepEqual([names(list), names(members.choose({ tag: ['x'] }))], ['ab', 'abc']);
    });
  });
});
