import assert from 'node:assert/strict';
import { SocketError } from '../../src/core/errors';
import type { Fields } from '../../src/options/field';
import { read } from '../../src/options/read';

/** The expectations of one option: its default, accepted values with their results, and refused values. */
export interface Expected {
  readonly absent: unknown;
  readonly good: readonly (readonly [given: unknown, value: unknown])[];
  readonly bad: readonly unknown[];
}

const text = (value: unknown) =>
  typeof value === 'object' && value !== null && 'addTLSOptions' in value ? 'a node' : (JSON.stringify(value) ?? String(value));

/** Tests a set of options against a table with a row for each. */
export function describeOptions<F extends Fields>(title: string, fields: F, table: { readonly [N in keyof F]: Expected }): void {
  const option = (name: string, given: Record<string, unknown>) => (read(fields, given) as Record<string, unknown>)[name];

  describe(title, () => {
    for (const [name, { absent, good, bad }] of Object.entries(table)) {
      it(`${name} is ${text(absent)} where it is not given`, () => assert.deepEqual(option(name, {}), absent));
      for (const [given, value] of good) {
        it(`${name} accepts ${text(given)}${text(given) === text(value) ? '' : ` as ${text(value)}`}`, () =>
          assert.deepEqual(option(name, { [name]: given }), value));
      }
      for (const given of bad) {
        it(`${name} refuses ${text(given)} in a sentence that names it`, () => {
          assert.throws(
            () => option(name, { [name]: given }),
            (error) => {
              assert.ok(error instanceof SocketError, String(error));
              assert.equal(error.code, 'ERR_OPTION');
              assert.match(error.message, new RegExp(`^The option ${name}(\\.\\w+)? must be .+; got .+\\.$`));
              return true;
            },
          );
        });
      }
    }

    it('every option says in its declaration what it is for', () => {
      for (const [name, { label, help }] of Object.entries(fields)) {
        assert.ok(label.length > 1, name);
        assert.match(help, /\w.*\.$/s, name);
      }
    });
  });
}
