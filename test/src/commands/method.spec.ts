import assert from 'node:assert/strict';
import { commands } from '../../../src/commands';
import type { Command } from '../../../src/commands/command';
import { CommandHarness } from '../../helpers/commands';
import { teardown } from '../../helpers/teardown';

describe('the method commands', () => {
  afterEach(teardown);

  it('there is no method at first', async () => assert.equal(await new CommandHarness().run('get-method'), ''));

  it('the set method is returned, and reported', async () => {
    const harness = new CommandHarness();
    assert.equal(await harness.run('set-method', { method: 'CB' }), 'CB');
    assert.equal(await harness.run('get-method'), 'CB');
    assert.equal(await harness.run('set-method', { method: '' }), '');
    assert.equal(await harness.run('get-method'), '');
  });

  it('is a text of at most 255 characters', async () => {
    assert.equal(await new CommandHarness().run('set-method', { method: 'm'.repeat(255) }), 'm'.repeat(255));
    await assert.rejects(new CommandHarness().run('set-method', { method: 'm'.repeat(256) }), {
      code: 'ERR_OPTION',
      message: /option method must be a string of at most 255 characters/,
    });
  });

  for (const payload of [{}, { method: 5 }, { method: null }]) {
    it(`${JSON.stringify(payload)} is refused`, async () => {
      await assert.rejects(new CommandHarness().run('set-method', payload), {
        code: 'ERR_OPTION',
        message: /option method (is missing|must be a string)/,
      });
    });
  }
});

describe('the commands', () => {
  for (const [name, { summary, outputs }] of Object.entries(commands)) {
    it(`${name} says what it does and what it answers`, () => {
      assert.match(summary, /^[A-Z].*\.$/);
      assert.equal(Object.keys(outputs).length > 0, true);
    });
  }

  it("are the plugin's twelve, and six of ours", () => {
    const added = Object.entries<Command>(commands).flatMap(([name, { added }]) => (added ? [name] : []));
    assert.deepEqual(added, ['client-request', 'server-request', 'server-tag', 'server-disconnect', 'server-connections', 'reply']);
    assert.equal(Object.keys(commands).length - added.length, 12);
  });
});
