import assert from 'node:assert/strict';

const script = () => import('../../scripts/release.mjs');

describe('npm run release', () => {
  const versions: [string, string, string][] = [
    ['0.1.0', 'patch', '0.1.1'],
    ['0.1.9', 'minor', '0.2.0'],
    ['0.9.3', 'major', '1.0.0'],
    ['0.9.3', '0.10.0', '0.10.0'],
  ];
  for (const [current, wanted, next] of versions) {
    it(`makes ${next} of ${current} when asked for ${wanted}`, async () => {
      assert.equal((await script()).nextVersion(current, wanted), next);
    });
  }

  it('takes the current version while it is not released', async () => {
    assert.equal((await script()).nextVersion('0.1.0', '0.1.0', false), '0.1.0');
  });

  for (const wanted of ['0.9.3', '0.9.2', '0.8.9', 'next', '1.0']) {
    it(`refuses ${wanted} after 0.9.3`, async () => {
      const { nextVersion } = await script();
      assert.throws(() => nextVersion('0.9.3', wanted), /version/);
    });
  }

  it('moves the unreleased changes below the heading of the version', async () => {
    const { releasedChangelog } = await script();
    const before = '# Changelog\n\n## Unreleased\n\n- One.\n- Two.\n\n## 0.1.0 (2026-01-01)\n\n- Zero.\n';
    const { text, changes } = releasedChangelog(before, '0.2.0', '2026-02-03');
    assert.equal(changes, '- One.\n- Two.');
    assert.equal(text, '# Changelog\n\n## Unreleased\n\n## 0.2.0 (2026-02-03)\n\n- One.\n- Two.\n\n## 0.1.0 (2026-01-01)\n\n- Zero.\n');
  });

  it('refuses a change log without changes', async () => {
    const { releasedChangelog } = await script();
    assert.throws(() => releasedChangelog('# Changelog\n\n## Unreleased\n\n## 0.1.0\n\n- Zero.\n', '0.2.0', '2026-02-03'), /empty/);
  });
});
