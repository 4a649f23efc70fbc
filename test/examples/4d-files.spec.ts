/** Rules about the files for 4D. There is no 4D here, so they are checked as text, and two of their functions are translated and run. */
import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hookOptions } from '../../src/index';
import { type File4D, files4D, folder4D, functionOf, known4D, namesIn, runnable, sources4D } from '../helpers/files-4d';

const twelve = [
  ...['client', 'server'].flatMap((side) => ['', ' start', ' stop', ' send', ' clear'].map((verb) => `Websocket ${side}${verb}`)),
  'Websocket SET METHOD',
  'Websocket Get method',
];
const find = (name: string) => files4D.find((file) => file.name === name) as File4D;
const methods = files4D.filter(({ kind }) => kind === 'Methods');
const classes = files4D.filter(({ kind }) => kind === 'Classes');
const attributesOf = ({ text }: File4D) => JSON.parse(/^\/\/%attributes = (\{.*\})\n/.exec(text)?.[1] ?? 'null');
const version = ({ text }: File4D) => /^(?:\/\/%attributes.*\n)?\/\/ 4D (v20 LTS|20 R\d+) and later\n/.exec(text)?.[1];

describe('the files for 4D', () => {
  it('are the twelve commands as shared methods, each with a tip', () => {
    for (const name of twelve) {
      assert.ok(name.length <= 31, name);
      assert.equal(attributesOf(find(name)).shared, true, name);
      assert.equal(version(find(name)), 'v20 LTS', name);
      assert.ok(readFileSync(join(folder4D, 'Documentation', 'Methods', `${name}.md`), 'utf8').startsWith(`## ${name}\n`), name);
    }
  });

  it('are laid out as a component', () => {
    assert.ok(JSON.parse(readFileSync(join(folder4D, 'Project', 'ixWebSocket.4DProject'), 'utf8')).compatibilityVersion >= 2000);
    for (const { name } of classes) assert.ok(existsSync(join(folder4D, 'Documentation', 'Classes', `${name}.md`)), name);
  });

  for (const file of files4D) {
    describe(file.name, () => {
      const { name, kind, text, lines } = file;

      it('begins with the oldest version, and uses nothing newer', () => {
        assert.ok(version(file), text.slice(0, 80));
        if (version(file) === 'v20 LTS')
          assert.doesNotMatch(lines.join('\n'), /singleton|\.me\b|\bTry\b|4D\.(Incoming|Outgoing)Message|\bthrow\b/);
      });

      it('sends no text in which 4D would evaluate tags', () => {
        assert.doesNotMatch(lines.join('\n'), /WEB SEND TEXT|WEB SEND FILE|PROCESS 4D TAGS/);
      });

      it('sets the body before the header, declares seconds as Real, and chooses values of one type', () => {
        for (const part of text.split(/^(?=(?:exposed )?Function )/m)) {
          const [body, header] = [part.indexOf('.setBody('), part.indexOf('.setHeader(')];
          assert.ok(header < 0 || (body >= 0 && body < header), part.slice(0, 60));
          if (part.startsWith('Function unixSeconds')) assert.match(part, /^Function unixSeconds\(\) : Real$/m);
        }
        for (const [, first, second] of text.matchAll(/Choose\([^;]*; ("[^"]*"|[^;)]*); ("[^"]*"|[^;)]*)\)/g)) {
          assert.equal(first?.startsWith('"'), second?.startsWith('"'), `${first}; ${second}`);
        }
      });

      it('declares each variable and parameter that it uses', () => {
        for (const part of lines.join('\n').split(/^(?=(?:exposed )?Function |(?:shared singleton )?Class constructor)/m)) {
          const declared = new Set([
            ...[...part.matchAll(/\$(\w+)(?=(?:; \$\w+)* : )/g)].map(([, variable]) => variable),
            ...[...part.matchAll(/ARRAY TEXT\(\$(\w+);/g)].map(([, variable]) => variable),
          ]);
          const used = [...part.matchAll(/\$(\w+)/g)].map(([, variable]) => variable);
          const missing = used.filter((variable) => !declared.has(variable));
          assert.deepEqual(missing, [], part.slice(0, 60));
        }
        if (kind === 'Methods' && attributesOf(file).publishedWeb) assert.match(text, /^#DECLARE\(\$url : Text\)$/m, name);
      });

      it('spells commands, constants and methods as they are', () => {
        const own = new Set(methods.map((method) => method.name));
        for (const line of lines) {
          for (const each of namesIn(line)) assert.ok(known4D.has(each) || own.has(each), `${each} in: ${line}`);
        }
      });

      it('closes each block that it opens', () => {
        const count = (pattern: RegExp) => lines.filter((line) => pattern.test(line)).length;
        assert.deepEqual(
          [/^If \(/, /^For \(/, /^For each \(/, /^While \(/, /^Use \(/, /^Case of$/, /^Try$/].map(count),
          [/^End if$/, /^End for$/, /^End for each$/, /^End while$/, /^End use$/, /^End case$/, /^End try$/].map(count),
        );
      });
    });
  }

  it('call only functions that their classes have', () => {
    for (const { name, text } of files4D) {
      const calls = [
        ...[...text.matchAll(/\bThis\.(\w+)\(/g)].map(([, called]) => [name, called]),
        ...[...text.matchAll(/This\.values\.(\w+)\(/g)].map(([, called]) => ['IXValues', called]),
        ...[...text.matchAll(/cs\.(\w+)\.(?:me|new\([^()]*\))\.(\w+)\(/g)].map(([, of, called]) => [of, called]),
      ];
      for (const [of = '', called = ''] of calls) assert.ok(functionOf(find(of), called), `${of}.${called} in ${name}`);
    }
  });

  describe('of the hook', () => {
    const hook = find('IXHook');

    it('have a handler whose class and function are there, for exactly one path', () => {
      const [handler] = JSON.parse(readFileSync(join(sources4D, 'HTTPHandlers.json'), 'utf8'));
      assert.deepEqual([handler.class, handler.method, handler.verbs, handler.pattern], ['IXHook', 'handle', 'post', undefined]);
      assert.match('/hooks/ws', new RegExp(handler.regexPattern));
      assert.doesNotMatch('/hooks/wsx', new RegExp(handler.regexPattern));
      assert.match(functionOf(hook, 'handle'), /^Function handle\(\$request : 4D\.IncomingMessage\) : 4D\.OutgoingMessage$/m);
    });

    it('have the class and the function that the node calls by REST, which is not event, a word of 4D', () => {
      assert.equal(hookOptions.className.default, 'IXHook');
      assert.equal(hookOptions.functionName.default, 'receive');
      assert.match(functionOf(hook, 'receive'), /^exposed Function receive\(/);
      assert.doesNotMatch(hook.text, /Function event/);
    });

    it('claim an event before its code runs, by the run, and keep the answer', () => {
      const once = functionOf(hook, 'once');
      const at = (text: string) => once.indexOf(text);
      assert.ok(at('This.claim(') > 0 && at('This.claim(') < at('This.onEvent('), 'claimed too late');
      assert.ok(at('This.replay(') > 0 && at('.answers[') > at('This.onEvent('), 'the answer is not kept');
      assert.match(functionOf(hook, 'claim'), /Use \(This\.calls\)[\s\S]*\$seq>This\.calls\[\$key\]\.seq[\s\S]*End use/);
      assert.match(functionOf(hook, 'keyOf'), /\$event\.run\).*\$event\.hook\)/);
    });

    it('take calls without a key only if no other machine can make them', () => {
      assert.match(
        functionOf(hook, 'isAllowed'),
        /If \(This\.signingKey=""\)\n\t\treturn \(WEB Server\(.*\)\.IPAddressToListen="127\.0\.0\.1"\)/,
      );
      for (const text of [functionOf(hook, 'answerTo'), find('ON_SOCKET').text]) assert.match(text, /isAllowed\(/);
      assert.match(functionOf(hook, 'receive'), /If \(Session\.isGuest\(\)\)/);
    });

    it('write no <, so that an answer has no tags', () => {
      assert.match(functionOf(find('IXValues'), 'text'), /Replace string\(JSON Stringify\(\$value\); "<"; "\\\\u003c"\)/);
    });

    const digest = (blob: Buffer) => createHash('sha256').update(blob).digest('hex');
    const { hmac, isSame, secondsOf } = runnable(hook, ['bytes', 'hmac', 'isSame', 'secondsOf'], digest) as Record<
      string,
      (...given: string[]) => unknown
    >;

    it('compute the HMAC-SHA256 that Node computes', () => {
      for (const key of ['k', 'Schlüssel', 'x'.repeat(64), 'x'.repeat(65), 'ü'.repeat(100)]) {
        for (const message of ['', '1790000000.{"str":"Grüße"}', 'y'.repeat(1000)]) {
          assert.equal(hmac?.(key, message), createHmac('sha256', key).update(message).digest('hex'), key);
        }
      }
    });

    it('compare all characters, with their case', () => {
      assert.deepEqual([isSame?.('aé', 'aé'), isSame?.('a', 'A'), isSame?.('a', 'ab'), isSame?.('', '')], [true, false, false, true]);
    });

    it('count seconds as Node does, after 2038 too', () => {
      for (const time of [
        '1970-01-01T00:00:00.000Z',
        '2026-02-28T23:59:59.999Z',
        '2024-02-29T12:34:56.789Z',
        '2038-01-19T03:14:08.000Z',
        '2100-12-31T00:00:01.000Z',
      ])
        assert.equal(secondsOf?.(time), Math.floor(Date.parse(time) / 1000), time);
    });
  });
});
