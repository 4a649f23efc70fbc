import assert from 'node:assert/strict';
import { Session } from '../../../src/hook/session';
import type { Posted, Reply } from '../../../src/hook/transport';

const options = { URL: 'http://127.0.0.1/', form: 'rest', user: 'ann', password: 'pw', token: undefined };
const posted = (url: string): Posted => ({ url: new URL(url, options.URL), headers: {}, body: '' });
const reply = (http_status: number): Reply => ({ http_status, headers: {}, text: '' }) as unknown as Reply;
const { signal } = new AbortController();

/** Counts the requests to each URL. Logins succeed; `answer` gives the other replies. */
function counting(answer: (url: string, session: Session) => Promise<Reply> | Reply) {
  const counts: Record<string, number> = {};
  const session: Session = new Session(options, async ({ url }) => {
    const name = url.pathname.endsWith('authentify') ? 'login' : url.pathname.slice(1);
    counts[name] = (counts[name] ?? 0) + 1;
    return name === 'login' ? reply(200) : answer(name, session);
  });
  return { session, counts };
}

const neverHeld = () => false;

describe('the session of a hook', () => {
  it('repeats a call once if its own new login is not accepted either', async () => {
    const { session, counts } = counting(() => reply(401));
    assert.equal((await session.call(posted('a'), signal, neverHeld)).http_status, 401);
    assert.deepEqual(counts, { a: 2, login: 2 });
  });

  it('sends a call five times at most, if other calls log in again each time', async () => {
    const expired = new Set<number>();
    let others = 0;
    const { session, counts } = counting(async (url, session) => {
      if (url !== 'a') {
        const isFirst = !expired.has(others);
        expired.add(others);
        return reply(isFirst ? 401 : 200);
      }
      others++;
      await session.call(posted('other'), signal, neverHeld);
      return reply(401);
    });
    assert.equal((await session.call(posted('a'), signal, neverHeld)).http_status, 401);
    assert.equal(counts.a, 5);
  });
});
