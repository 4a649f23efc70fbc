import assert from 'node:assert/strict';
import { compileProtocol, presetNames, readPreset } from '../../../src/conversation';
import { expressions } from '../../helpers/expressions';

describe('presets', () => {
  for (const name of presetNames()) {
    const preset = readPreset(name) as Readonly<Record<string, unknown>>;

    it(`${name} can be compiled, and says what it is, where it is described, and what it was tried against`, () => {
      compileProtocol(preset, expressions);
      for (const property of ['description', 'link', 'versions']) assert.match(String(preset[property]), /\S{3}/, property);
    });

    it(`${name} evaluates no text of a peer or of a secret as an expression`, () => {
      assert.doesNotMatch(JSON.stringify(preset), /\$eval\b/);
    });

    it(`${name} lists the secrets that its expressions use`, () => {
      const used = [...JSON.stringify(preset).matchAll(/\$secret\(\s*\\"([^"\\]+)\\"/g)].map(([, secret]) => secret);
      assert.deepEqual([...new Set(used)].sort(), [...(preset.secrets as string[])].sort());
    });
  }

  it('are found by their names alone', () => {
    for (const name of ['../presets/pusher', 'pusher.json', '', '__proto__']) assert.equal(readPreset(name), undefined);
  });
});
