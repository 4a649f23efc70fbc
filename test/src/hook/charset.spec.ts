import assert from 'node:assert/strict';
import { textIn } from '../../../src/hook/charset';

describe('the charset of a response', () => {
  const text = 'ä€';
  const utf8 = Buffer.from(text);
  const utf16 = Buffer.from(text, 'utf16le');
  const rows: readonly (readonly [what: string, bytes: Uint8Array, type: string | undefined, wanted?: string])[] = [
    ['UTF-8 without a content type', utf8, undefined],
    ['UTF-8 without a charset', utf8, 'application/json'],
    ['UTF-8 in quotation marks', utf8, 'text/plain; charset="UTF-8"'],
    ['windows-1252', Buffer.from([0xe4, 0x80]), 'text/plain; charset=windows-1252'],
    ['ISO-8859-1, which browsers read as windows-1252', Buffer.from([0xe4, 0x80]), 'text/html;charset=ISO-8859-1'],
    ['macintosh', Buffer.from([0x8a, 0xdb]), 'text/plain; charset=macintosh'],
    ['ISO-8859-15', Buffer.from([0xe4, 0xa4]), 'text/plain; charset=iso-8859-15'],
    ['UTF-16', utf16, 'text/plain; charset=utf-16le'],
    ['an unknown charset, read as UTF-8', utf8, 'text/plain; charset=none-such'],
    ['UTF-8 with a mark', Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), utf8]), undefined],
    ['UTF-8 with a mark and another charset', Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), utf8]), 'text/plain; charset=windows-1252'],
    ['UTF-16 with a mark', Buffer.concat([Buffer.from([0xff, 0xfe]), utf16]), 'application/json'],
    ['UTF-16, high byte first, with a mark', Buffer.concat([Buffer.from([0xfe, 0xff]), Buffer.from(utf16).swap16()]), undefined],
  ];
  for (const [what, bytes, type, wanted = text] of rows) {
    it(`can be ${what}`, () => {
      assert.equal(textIn(bytes, type), wanted);
    });
  }

  it('windows-1252 has the characters of the standard for all bytes', () => {
    const high = Buffer.from(Array.from({ length: 32 }, (_, i) => 0x80 + i));
    assert.equal(textIn(high, 'text/plain; charset=cp1252'), '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ');
  });
});
