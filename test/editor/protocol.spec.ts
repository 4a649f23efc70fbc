import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { presetNames, readPreset } from '../../src/conversation';
import { catalogueOf, page, validate } from './built';

describe('the form of a protocol', () => {
  it('accepts every preset', () => {
    for (const name of presetNames()) {
      for (const [part, value] of Object.entries(readPreset(name) ?? {})) {
        assert.equal(validate('ix-protocol', part, value), true, `${name} ${part}`);
      }
    }
  });

  it('has every preset, and a description in every language', () => {
    for (const name of presetNames()) {
      assert.ok(page.includes(`https://`) && page.includes(JSON.stringify(readPreset(name)?.link).slice(1, -1)), name);
      for (const language of readdirSync('nodes/locales').map((file) => file.replace('.json', ''))) {
        assert.equal(typeof catalogueOf(language)['ix-websocket'].presets[name.replaceAll('.', '_')], 'string', `${language} ${name}`);
      }
    }
  });

  for (const [value, place] of [
    [[{ send: { type: 'str', value: 'a' } }, {}], 'onOpen[1]'],
    [[{ wait: 'text' }], 'onOpen[0].wait'],
    [[{ wait: { 'a..b': 1 } }], 'onOpen[0].wait'],
    [[{ wait: { type: 'jsonata', value: 'a =' } }], 'onOpen[0].wait'],
    [[{ send: { type: 'jsonata', value: '{ "a": ' } }], 'onOpen[0].send'],
    [[{ wait: {}, timeout: -1 }], 'onOpen[0].timeout'],
  ] as const) {
    it(`says that ${place} is wrong in ${JSON.stringify(value)}`, () => {
      const sentence = validate('ix-protocol', 'onOpen', value);
      assert.ok(
        typeof sentence === 'string' && sentence.startsWith('Opening conversation: ') && sentence.includes(place),
        String(sentence),
      );
    });
  }

  it('names the path of a request that is none', () => {
    assert.match(String(validate('ix-protocol', 'rpc', { answer: { when: {}, id: 'a..b' } })), /rpc\.answer\.id/);
  });
});
