import assert from 'node:assert/strict';

const script = () => import('../../scripts/audit.mjs');

describe('npm run audit', () => {
  it('finds the vulnerabilities from moderate up', async () => {
    const found = (await script()).vulnerabilities({
      metadata: { vulnerabilities: { total: 3 } },
      vulnerabilities: {
        a: { name: 'a', severity: 'low', range: '<1' },
        b: { name: 'b', severity: 'moderate', range: '<2' },
        c: { name: 'c', severity: 'critical', range: '*' },
      },
    });
    assert.deepEqual(found, ['b <2: moderate', 'c *: critical']);
  });

  it('finds packages whose signature is wrong or missing', async () => {
    const found = (await script()).wrongSignatures({
      invalid: [{ name: 'a', version: '1.0.0' }],
      missing: [{ name: 'b', version: '2.0.0' }],
    });
    assert.deepEqual(found, ['a@1.0.0: wrong signature', 'b@2.0.0: no signature']);
  });

  it('finds nothing where there is nothing', async () => {
    const { vulnerabilities, wrongSignatures } = await script();
    assert.deepEqual(vulnerabilities({ metadata: { vulnerabilities: {} }, vulnerabilities: {} }), []);
    assert.deepEqual(wrongSignatures({ invalid: [], missing: [] }), []);
  });

  it('distinguishes a registry that does not answer from one that found nothing', async () => {
    const { vulnerabilities, wrongSignatures } = await script();
    assert.equal(vulnerabilities({ message: '405 Method Not Allowed', error: { summary: '' } }), undefined);
    assert.equal(wrongSignatures({ error: { code: 'ENOTFOUND' } }), undefined);
  });
});
