import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hookOptions } from '../../src/index';

const sources = join(__dirname, '..', '..', 'docs', '4d', 'Project', 'Sources');
const read = (...path: string[]) => readFileSync(join(sources, ...path), 'utf8');

describe('the 4D side of the hook', () => {
  const handlers = JSON.parse(read('HTTPHandlers.json'));
  const code = read('Classes', 'IXHook.4dm');

  it('has a handler for POST whose class and function are there', () => {
    assert.deepEqual(handlers, [{ class: 'IXHook', method: 'handle', pattern: 'hooks/ws', verbs: 'post' }]);
    assert.match(code, /^shared singleton Class constructor/m);
    assert.match(code, /^Function handle\(\$request : 4D\.IncomingMessage\) : 4D\.OutgoingMessage$/m);
  });

  it('has the class and the exposed function that the node calls by REST by default', () => {
    assert.equal(hookOptions.className.default, 'IXHook');
    assert.match(code, new RegExp(`^exposed Function ${hookOptions.functionName.default}\\(`, 'm'));
  });

  it('calls only functions that the class has', () => {
    const called = [...`${code}${read('Methods', 'ON_SOCKET.4dm')}`.matchAll(/(?:This|cs\.IXHook\.me)\.(\w+)\(/g)].map(([, name]) => name);
    assert.ok(called.length > 8, `${called.length} calls`);
    for (const name of called) assert.match(code, new RegExp(`Function ${name}\\(`), name);
  });

  it('forgets the newest event of a connection by its age alone, as the stand-in of the tests does, and not at its Close', () => {
    const functions = code.split(/^(?=(?:exposed )?Function )/m);
    const forgetting = functions.filter((text) => text.includes('OB REMOVE('));
    assert.deepEqual(
      forgetting.map((text) => text.split('(')[0]),
      ['Function sweep'],
    );
    assert.match(String(forgetting[0]), /\.at<\(\$now-3600\)/);
    const once = String(functions.find((text) => text.startsWith('Function once(')));
    assert.doesNotMatch(once, /\.type=/);
    assert.match(once, /"run"; \$event\.run; "seq"; \$event\.seq; "at"; This\.unixSeconds\(\)/);
  });

  it('closes each block that it opens', () => {
    for (const text of [code, read('Methods', 'ON_SOCKET.4dm')]) {
      const lines = text.split('\n').map((line) => line.trim());
      const count = (pattern: RegExp) => lines.filter((line) => pattern.test(line)).length;
      assert.deepEqual(
        [count(/^If \(/), count(/^For \(/), count(/^For each \(/), count(/^Use \(/), count(/^Case of/)],
        [count(/^End if/), count(/^End for$/), count(/^End for each/), count(/^End use/), count(/^End case/)],
      );
    }
  });
});
