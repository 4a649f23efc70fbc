import assert from 'node:assert/strict';
import { isAllowedOrigin } from '../../../../src/server/admission/origin-check';

const sameHost = ['same host'];

const rebinding: [string, string, string, boolean][] = [
  ['a page of a name that resolves to a loopback address', 'http://evil.example', 'evil.example:8080', false],
  ['a page of localhost', 'http://localhost:1880', 'localhost:8080', true],
  ['a page of a name below localhost, of the same name', 'http://app.localhost:1880', 'app.localhost:8080', true],
  ['a page of a name below localhost, of another one', 'http://app.localhost:1880', '127.0.0.1:8080', false],
  ['a page of a loopback address, by IPv6', 'http://[::1]:1880', 'localhost:8080', true],
  ['a page of localhost that names another host', 'http://localhost:1880', 'evil.example:8080', false],
  ['a page of a name that only begins like a loopback address', 'http://127.0.0.1.evil.example', '127.0.0.1.evil.example:8080', false],
];

describe('same host, on a connection that arrives at a loopback address', () => {
  for (const [title, origin, host, isIn] of rebinding) {
    it(`${isIn ? 'lets in' : 'refuses'} ${title}`, () => assert.equal(isAllowedOrigin(origin, host, sameHost, true), isIn));
  }
});

describe('isAllowedOrigin', () => {
  const rows: [title: string, origin: string | undefined, host: string | undefined, allowed: string[], isAllowed: boolean][] = [
    ['who sends no Origin is no web page', undefined, 'here.example', sameHost, true],
    ['who sends no Origin passes a list too', undefined, 'here.example', ['https://there.example'], true],
    ['an empty Origin is none that is known', '', 'here.example', sameHost, false],

    ['a page of the same host and port', 'http://here.example:8080', 'here.example:8080', sameHost, true],
    ['a page of the same host on another port', 'http://here.example:1880', 'here.example:8080', sameHost, true],
    ['a page of the same host on the default port', 'https://here.example', 'here.example:443', sameHost, true],
    ['a page of the same host over another scheme', 'https://here.example', 'here.example:8080', sameHost, true],
    ['a page of the same host in other letters', 'http://HERE.example', 'Here.Example:8080', sameHost, true],
    ['a page of the same host, with a dot at its end', 'http://here.example.', 'here.example', sameHost, true],
    ['a page of the same address', 'http://192.168.1.5:1880', '192.168.1.5:8080', sameHost, true],
    ['a page of the same address of IPv6, written differently', 'http://[2001:db8::1]', '[2001:DB8:0::1]:8080', sameHost, true],
    ['a page of localhost that names it by its address', 'http://localhost:1880', '127.0.0.1:8080', sameHost, true],
    ['a page of the loopback address that names it localhost', 'http://127.0.0.1:1880', 'localhost:8080', sameHost, true],
    ['a page of localhost that names it by its address of IPv6', 'http://localhost:1880', '[::1]:8080', sameHost, true],

    ['a page of another host', 'https://evil.example', '127.0.0.1:8080', sameHost, false],
    ['a page of another host on the same port', 'https://evil.example:8080', 'here.example:8080', sameHost, false],
    ['a page of a host below', 'https://evil.here.example', 'here.example', sameHost, false],
    ['a page of a host above', 'https://example', 'here.example', sameHost, false],
    ['a page of a host that ends alike', 'https://evilhere.example', 'here.example', sameHost, false],
    ['a page of a host that begins alike', 'https://here.example.evil.example', 'here.example', sameHost, false],
    ['a page of a host that is called like loopback', 'https://127.0.0.1.evil.example', '127.0.0.1:8080', sameHost, false],
    ['a page of localhost, for another host', 'http://localhost', 'here.example', sameHost, false],
    ['a page that hides its origin', 'null', 'here.example', sameHost, false],
    ['a page of a file', 'file://', 'here.example', sameHost, false],
    ['a page of a file, without Host', 'file://', undefined, sameHost, false],
    ['a page of a file, with a Host that is none', 'file://', 'a b', sameHost, false],
    ['a page, without Host', 'http://here.example', undefined, sameHost, false],
    ['a page of a host called undefined, without Host', 'http://undefined', undefined, sameHost, false],
    ['a page, with a Host that is none', 'http://here.example', 'a b', sameHost, false],
    ['an origin with a user in it', 'http://here.example@evil.example', 'here.example', sameHost, false],
    ['two origins', 'http://here.example, http://evil.example', 'here.example', sameHost, false],
    ['something that is no origin', 'here.example', 'here.example', sameHost, false],

    ['any origin', 'https://evil.example', 'here.example', ['*'], true],
    ['any origin, hidden ones too', 'null', 'here.example', ['*'], true],
    ['an origin of the list', 'https://there.example', 'here.example', ['https://a.example', 'https://there.example'], true],
    ['an origin of the list, with the default port', 'https://There.example:443', 'here.example', ['https://there.example'], true],
    ['an origin of the list over another scheme', 'http://there.example', 'here.example', ['https://there.example'], false],
    ['an origin of the list on another port', 'https://there.example:8443', 'here.example', ['https://there.example'], false],
    ['the same host, where a list does not name it', 'https://here.example', 'here.example', ['https://there.example'], false],
    ['the same host, where a list has those words', 'https://here.example', 'here.example', ['https://there.example', 'same host'], true],
    ['a hidden origin that the list has', 'null', 'here.example', ['null'], true],
    ['any page, with an empty list', 'https://here.example', 'here.example', [], false],
    ['no page, with an empty list', undefined, 'here.example', [], true],
  ];
  for (const [title, origin, host, allowed, isAllowed] of rows) {
    it(`${title}: ${isAllowed ? 'may' : 'may not'} connect`, () => assert.equal(isAllowedOrigin(origin, host, allowed), isAllowed));
  }
});
