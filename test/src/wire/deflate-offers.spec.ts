import assert from 'node:assert/strict';
import { acceptableOffers } from '../../../src/wire/deflate-offers';

describe('the offers of an upgrade', () => {
  const bad = 'permessage-deflate; unknown';
  const good = 'permessage-deflate; client_no_context_takeover';

  it('are those that a server can accept, in their order', () => {
    assert.equal(acceptableOffers(`${bad}, ${good}, permessage-deflate`, {}), `${good}, permessage-deflate`);
  });

  it('are none where none can be accepted', () => assert.equal(acceptableOffers(bad, {}), undefined));

  it('are read up to the 16th, since a header has room for 800', () => {
    assert.equal(acceptableOffers(`${`${bad},`.repeat(15)}${good}`, {}), good);
    assert.equal(acceptableOffers(`${`${bad},`.repeat(16)}${good}`, {}), undefined);
  });
});
