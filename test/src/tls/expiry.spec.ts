import assert from 'node:assert/strict';
import { Expiry } from '../../../src/tls/expiry';
import { certs } from '../../helpers/certs';

const day = 24 * 60 * 60 * 1000;

/** An observer of a certificate, at a time set by the test: days before the certificate `server` expires. */
function following() {
  const end = Date.UTC(2099, 11, 31);
  let now = 0;
  const told: string[] = [];
  const expiry = new Expiry(
    (sentence) => told.push(sentence),
    () => now,
  );
  return {
    expiry,
    told,
    at(daysBefore: number) {
      now = end - daysBefore * day;
      expiry.check();
      return told.length;
    },
  };
}

describe('Expiry', () => {
  it('says nothing more than 30 days before', () => {
    const { expiry, at } = following();
    expiry.follow(certs().server.cert);
    assert.equal(at(31), 0);
    assert.equal(at(30.01), 0);
  });

  it('reports it 30, 7 and 1 days before, once each', () => {
    const { expiry, told, at } = following();
    at(100);
    expiry.follow(certs().server.cert);
    for (let hours = 100 * 24; hours > -240; hours--) at(hours / 24);
    const before = 'The certificate of server, which this server presents, expires on 2099-12-31T00:00:00.000Z,';
    assert.deepEqual(told, [
      `${before} in 30 days. Replace it with a new one.`,
      `${before} in 7 days. Replace it with a new one.`,
      `${before} within a day. Replace it with a new one.`,
    ]);
  });

  for (const [days, sentence] of [
    [29.4, /in 29 days/],
    [5.2, /in 5 days/],
    [0.3, /within a day/],
    [-3, /expired on 2099-12-31T00:00:00\.000Z, and clients no longer accept it\. Replace/],
  ] as const) {
    it(`reports it at once, and once only, ${days} days before`, () => {
      const { expiry, told, at } = following();
      at(days);
      expiry.follow(certs().server.cert);
      assert.equal(told.length, 1);
      assert.match(told[0] ?? '', sentence);
      at(days);
      assert.equal(told.length, 1);
    });
  }

  it('reports the same certificate once when it is read again, and another one again', () => {
    const { expiry, told, at } = following();
    at(5);
    expiry.follow(certs().server.cert);
    expiry.follow(certs().server.cert);
    assert.equal(told.length, 1);
    expiry.follow(certs().foreign.cert);
    assert.match(told[1] ?? '', /^The certificate of foreign, /);
    expiry.follow(certs().server.cert);
    assert.equal(told.length, 2);
  });

  it('a renewed certificate ends the warnings', () => {
    const { expiry, at } = following();
    at(5);
    expiry.follow(certs().server.cert);
    expiry.follow(certs().ca.cert); // It expires long before, so it is reported at once.
    assert.equal(at(365 * 60), 2);
    expiry.follow(certs().notYet.cert);
    assert.equal(at(365 * 60), 2);
  });

  it('is about the first certificate of a chain, and finds it behind its key', () => {
    const { expiry, told, at } = following();
    at(5);
    expiry.follow(certs().server.key + certs().server.cert + certs().ca.cert);
    assert.match(told.join(), /^The certificate of server, .* in 5 days\./);
  });
});
