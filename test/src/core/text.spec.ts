import assert from 'node:assert/strict';
import { codeOf, messageOf, optionError, show } from '../../../src/core/errors';
import { oneLine, printable, quoted, roundedSeconds, shownUrl } from '../../../src/core/text';
import { assertPrintable, hostile, hostileObjects } from '../../helpers/hostile';

describe('roundedSeconds', () => {
  it('shows the rest of a deadline as the deadline', () =>
    assert.deepEqual([9.998, 1.26, 0.199, 0.01, 30].map(roundedSeconds), [10, 1.3, 0.2, 0.01, 30]));
});

describe('texts of others', () => {
  describe('a URL is shown without password, query values and fragment', () => {
    const rows: [url: string, shown: string][] = [
      ['ws://host/path', 'ws://host/path'],
      ['ws://ann@host/', 'ws://ann@host/'],
      ['ws://ann:pw@host:80/a?b', 'ws://ann:***@host:80/a?***'],
      ['WSS://ann:pw@host', 'WSS://ann:***@host'],
      ['  ws://ann:pw@host', '  ws://ann:***@host'],
      ['ws://ann:p@w@host/', 'ws://ann:***@host/'],
      ['ws://:pw@host/', 'ws://:***@host/'],
      ['ws://ann:@host/', 'ws://ann:***@host/'],
      ['ws://host:8080/a@b', 'ws://host:8080/a@b'],
      ['ws://host:8080/?mail=a@b', 'ws://host:8080/?mail=***'],
      ['ws:ann:pw@host', 'ws:ann:***@host'],
      ['ann:pw@host:3128', 'ann:***@host:3128'],
      ['//ann:pw@host/', '//ann:***@host/'],
      ['ws://ann:pw@ho st/', 'ws://ann:***@ho st/'],
      ['', ''],
      ['ws://h/?access_token=S3CRET', 'ws://h/?access_token=***'],
      ['ws://h/?a=S3CRET&b=S3CRET', 'ws://h/?a=***&b=***'],
      ['ws://h/?S3CRET', 'ws://h/?***'],
      ['ws://h/?a=1&S3CRET', 'ws://h/?a=***&***'],
      ['ws://h/?S3CRET==', 'ws://h/?***'],
      ['ws://h/?a=S3CRET==', 'ws://h/?a=***'],
      ['ws://h/?a=x=S3CRET', 'ws://h/?a=***'],
      ['ws://h/?a=x?S3CRET', 'ws://h/?a=***'],
      ['ws://h/?a=x;S3CRET', 'ws://h/?a=***'],
      ['ws://h/?a%3DS3CRET', 'ws://h/?***'],
      ['ws://h/?a= S3CRET', 'ws://h/?a=***'],
      ['ws://h/?=S3CRET', 'ws://h/?=***'],
      ['ws://h/?', 'ws://h/?'],
      ['ws://h/?&', 'ws://h/?&'],
      ['ws://h/#S3CRET', 'ws://h/#***'],
      ['ws://h/?a=S3CRET#S3CRET?S3CRET', 'ws://h/?a=***#***'],
      ['ws://h/#', 'ws://h/#'],
      ['host/feed?token=S3CRET', 'host/feed?token=***'],
      ['/feed?token=S3CRET\nS3CRET', '/feed?token=***'],
      ['ws://ann:S3/CRET@h/?a=S3CRET', 'ws://ann:***@h/?a=***'],
      ['ws://ann:***@h/?a=***&***#***', 'ws://ann:***@h/?a=***&***#***'],
    ];
    for (const [url, shown] of rows) it(`${JSON.stringify(url)} as ${JSON.stringify(shown)}`, () => assert.equal(shownUrl(url), shown));

    it('does without URL.canParse, which older browsers lack', () => {
      const { canParse } = URL;
      Object.assign(URL, { canParse: undefined });
      try {
        assert.equal(shownUrl('ws://ann:pw@host/'), 'ws://ann:***@host/');
      } finally {
        Object.assign(URL, { canParse });
      }
    });

    for (const sign of ['/', '?', '#', '\\']) {
      it(`a password with an unescaped ${sign}, which makes the URL unreadable, is hidden too`, () => {
        assert.doesNotMatch(shownUrl(`ws://ann:pa${sign}ss@host/`), /pa|ss@/);
      });
    }
  });

  describe('what is cut off does not uncover a secret before it', () => {
    const long = 'S3CRET'.repeat(3000);
    const rows = [
      `ws://ann:${long}@host/`,
      `ws://ann:S3CRET/${long}@host/`,
      `ws://ann:S3CRET@${long}@host/`,
      `ws://host/?token=${long}`,
      `ws://host/?${'a=b&'.repeat(3000)}${long}`,
      `ws://host/${'a'.repeat(9000)}?${long}`,
    ];
    for (const url of rows) {
      for (const [name, shown] of Object.entries({ shownUrl, quoted, printable, show })) {
        it(`by ${name}: ${url.slice(0, 24)}…, ${url.length} characters`, () => {
          assert.ok(!shown(url).includes('S3C'), shown(url));
          assert.ok(shown(url).length <= 1000, `${shown(url).length} characters`);
        });
      }
    }

    it('at the end of a message', () => {
      for (let before = 150; before < 1400; before++) {
        const shown = printable(`${'x '.repeat(before / 2)}ws://ann:${'S3CRET'.repeat(300)}@host/`);
        assert.ok(!shown.includes('S3C'), shown);
      }
    });
  });

  describe('a message of somebody else in a sentence', () => {
    const rows: [text: string, shown: string][] = [
      ['connect ECONNREFUSED ::1:80', 'connect ECONNREFUSED ::1:80'],
      [' two\n  lines\t', 'two lines'],
      ['Not Found: /feed?token=S3CRET here', 'Not Found: /feed?token=*** here'],
      ['see http://ann:pw@host/ there', 'see http://ann:***@host/ there'],
      ['Really? Yes.', 'Really? Yes.'],
      ['a\x1b[31mb', 'a\\u001b[31mb'],
      ['x'.repeat(301), `${'x'.repeat(297)}...`],
    ];
    for (const [text, shown] of rows) it(`is shown as ${JSON.stringify(shown.slice(0, 60))}`, () => assert.equal(printable(text), shown));

    it('is not cut in the middle of a character', () => {
      assert.equal(printable(`${'x'.repeat(76)}${'😀'.repeat(9)}`, 80), `${'x'.repeat(76)}...`);
      assert.equal(quoted(`${'x'.repeat(76)}${'😀'.repeat(9)}`), `"${'x'.repeat(76)}..."`);
    });

    it('keeps letters of every language, and emoji', () => {
      for (const text of ['grün', '接続', 'עברית', 'دخول', '👩‍👧', '–…']) assert.equal(oneLine(text), text);
    });
  });

  const codes = [...Array(0x10000).keys()].filter((code) => code < 0x700 || (code >= 0x2000 && code < 0x2100) || code % 0x100 > 0xf0);
  describe('holds no control, line separator or bidi control', () => {
    for (const [name, shown] of Object.entries({
      shownUrl,
      quoted,
      printable,
      oneLine,
      show,
      messageOf: (text: string) => messageOf(new Error(text)),
    })) {
      it(`as ${name} shows it`, () => {
        assertPrintable(shown(hostile));
        for (const code of codes) assertPrintable(shown(`a${String.fromCharCode(code)}b`));
      });
    }

    it('in the sentence of an error', () => {
      assertPrintable(optionError(`The option is ${hostile}`).message);
      assertPrintable(String(optionError(`The option is ${hostile}`)));
      assertPrintable(optionError(hostile).stack?.split('\n')[0]);
    });
  });

  describe('show, messageOf and codeOf never throw', () => {
    for (const [name, make] of hostileObjects) {
      it(`of ${name}`, () => {
        for (const sentence of [show(make()), messageOf(make()), codeOf(make())]) {
          assertPrintable(sentence);
          assert.ok(sentence.length < 400);
        }
      });
    }

    it('of an error with a message of 50 MB, of which they show the begin', () => {
      const message = 'no way '.repeat(7e6);
      assert.ok(messageOf(new Error(message)).length <= 300);
      assert.ok(messageOf(new AggregateError(Array(1000).fill(new Error(message)))).length <= 300);
      assert.ok(show(message).length < 100);
    });

    it('a code that no error of Node has is not a code', () => {
      for (const code of ['E\x1b[31m', 'a b', 'x'.repeat(81), '', 7]) assert.equal(codeOf(Object.assign(new Error('x'), { code })), '');
    });
  });
});
