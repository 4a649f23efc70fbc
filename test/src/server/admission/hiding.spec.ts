import assert from 'node:assert/strict';
import { hiding } from '../../../../src/server/admission/hiding';
import { Random, seed } from '../../../faults/random';

const hex = (byte: number, random: Random) => {
  const digits = byte.toString(16).padStart(2, '0');
  return `%${[...digits].map((digit) => (random.chance(0.5) ? digit.toUpperCase() : digit)).join('')}`;
};

/** Returns the forms of a character that a client, a proxy or Node.js may use. */
function escaped(sign: string, random: Random, raw: 'text' | 'latin1'): string {
  const bytes = Buffer.from(sign);
  if (random.chance(0.4)) return raw === 'text' ? sign : bytes.toString('latin1');
  if (sign === ' ' && random.chance(0.5)) return '+';
  const escapes = [...bytes].map((byte) => hex(byte, random)).join('');
  // A proxy may escape the whole target once more.
  return random.chance(0.2) ? escapes.replaceAll('%', hex(0x25, random)) : escapes;
}

describe('a secret in a text', () => {
  const rows: [secret: string, text: string, shown: string][] = [
    ['', 'abc', 'abc'],
    ['sesame', '', ''],
    ['sesame', 'open sesame, sesame!', 'open ***, ***!'],
    ['sesame', 'open Sesame', 'open Sesame'],
    ['sesame', '/?t=%73%65%73%61%6d%65&x', '/?t=***&x'],
    ['sesame', '/?t=%73%65%73%61%6D%65&x', '/?t=***&x'],
    ['sesame', '/?t=s%65sam%65', '/?t=***'],
    ['sesame', '/?t=%2573%2565same', '/?t=***'],
    ['sesame', '/?t=sesam', '/?t=sesam'],
    ['sesame', '/?t=sesam%6', '/?t=sesam%6'],
    ['sesame', '100%/sesesame%', '100%/se***%'],
    ['aab', 'aaab%61ab', 'a******'],
    ['a b+c', '/?t=a+b%2bc', '/?t=***'],
    ['a b+c', '/?t=a%20b%2Bc', '/?t=***'],
    ['100%', '/?t=%31%30%30%25', '/?t=***'],
    ['100%', '/?t=100%25', '/?t=***25'],
    ['100%', '/?t=100%', '/?t=***'],
    ['1abc', '/?t=%41abc', '/?t=%4***'],
    ['%41', '/?t=%2541', '/?t=***'],
    ['pässwörd', '/?t=p%c3%a4ssw%C3%B6rd', '/?t=***'],
    ['pässwörd', Buffer.from('X: pässw%c3%B6rd').toString('latin1'), 'X: ***'],
    ['🔑', '/?t=%f0%9f%94%91', '/?t=***'],
    ['a/b', '/a/b?t=a%2fb', '/***?t=***'],
  ];
  for (const [secret, text, shown] of rows) {
    it(`${JSON.stringify(secret)} in ${JSON.stringify(text)} is shown as ${JSON.stringify(shown)}`, () =>
      assert.equal(hiding(secret)(text), shown));
  }

  it(`is hidden in every mixture of escapes, and nothing else is (seed ${seed})`, () => {
    const random = new Random();
    const signs = [...'abcSET019-._~!$ +%/?=&"\\éß日🔑'];
    const others = [...'xyz/&?=;, %+\x7fü'];
    const some = (of: readonly string[], least: number) => Array.from({ length: random.int(least, 12) }, () => random.pick(of)).join('');
    for (let i = 0; i < 5000; i++) {
      // An escape has three characters, so its end would belong to the following text.
      const secret = `k${some(signs, 1)}k`;
      const raw = random.pick(['text', 'latin1'] as const);
      const around = [some(others, 0), some(others, 0), some(others, 0)].map((text) => `,${text}/`) as [string, string, string];
      const forms = [0, 0].map(() => [...secret].map((sign) => escaped(sign, random, raw)).join(''));
      const shown = hiding(secret)(`${around[0]}${forms[0]}${around[1]}${forms[1]}${around[2]}`);
      assert.equal(shown, `${around[0]}***${around[1]}***${around[2]}`, JSON.stringify({ secret, forms, around, seed }));
    }
  });
});
