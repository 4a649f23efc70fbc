import assert from 'node:assert/strict';
import { certificateWords } from '../../../src/tls/certificate';

const plain = { subject: 'CN=a', subjectAltName: undefined, issuer: 'CN=b', validTo: 'Dec 31 00:00:00 2099 GMT' };
const words = (given: Partial<Record<keyof typeof plain, unknown>>) => certificateWords({ ...plain, ...given } as never);

describe('certificateWords', () => {
  const subjects: [string, unknown, string][] = [
    ['the common name', 'C=FR\nO=Firm\nCN=host', 'host'],
    ['the organization where there is no common name', 'C=FR\nO=Firm', 'Firm'],
    ['the first part where there is neither', 'C=FR\nL=Lyon', 'C=FR'],
    ['a common name with an equals sign', 'CN=a=b', 'a=b'],
    ['a dash for an empty name', '', '–'],
    ['a dash for no name', undefined, '–'],
    ['a dash for an empty common name', 'CN=', '–'],
    ['control characters escaped', 'CN=a\u001b[1m\u0007b', 'a\\u001b[1m\\u0007b'],
    ['a long name cut', `CN=${'x'.repeat(1_000_000)}`, `${'x'.repeat(125)}...`],
  ];
  for (const [title, subject, shown] of subjects) it(`shows ${title}`, () => assert.equal(words({ subject }).subject, shown));

  it('shows the alternative name where there is no subject', () => {
    assert.equal(words({ subject: '', subjectAltName: 'DNS:a.example' }).subject, 'DNS:a.example');
  });

  const dates: [string, unknown, string][] = [
    ['a date as ISO 8601', plain.validTo, '2099-12-31T00:00:00.000Z'],
    ['what is not a date as it is', 'Bad time value', 'Bad time value'],
    ['a dash for none', undefined, '–'],
    ['a year beyond those of JavaScript as it is', 'Dec 31 00:00:00 999999 GMT', 'Dec 31 00:00:00 999999 GMT'],
  ];
  for (const [title, validTo, shown] of dates) it(`shows ${title}`, () => assert.equal(words({ validTo }).validTo, shown));
});
