import assert from 'node:assert/strict';

const remedies = async (file: string, content: string) =>
  (await import('../../scripts/prose.mjs')).findings(file, content).map(({ say }) => say);

describe('the check of plain technical English', () => {
  const wrong: [string, string, string, RegExp][] = [
    ['a docstring that begins with a noun clause', 'src/a.ts', '/** What a client answers. */', /verb in the third person/],
    ['a question in an error sentence', 'src/a.ts', "const why = 'the server refused the connection. Is it running?';", /Check that/],
    ['"is no"', 'src/a.ts', '// The address is no address of this machine.', /is not a/],
    ['"anew"', 'docs/a.md', 'The options are read anew.', /again/],
    ['a long sentence of the documentation', 'docs/a.md', `${'word '.repeat(41)}end.`, /split this sentence of 42 words/],
  ];
  for (const [title, file, content, remedy] of wrong) {
    it(`finds ${title}`, async () => {
      const found = await remedies(file, content);
      assert.equal(found.length, 1);
      assert.match(found[0] ?? '', remedy);
    });
  }

  const right: [string, string, string][] = [
    ['a docstring that begins with a verb', 'src/a.ts', '/** Returns the answer of a client. */'],
    ['"there is no"', 'src/a.ts', '// There is no listener.'],
    ['"is no longer"', 'src/a.ts', '// The address is no longer in use.'],
    ['code in the documentation', 'docs/a.md', `\`\`\`\n${'word '.repeat(60)}\n\`\`\``],
    ['a path with /* in a string', 'test/a.ts', "const paths = ['/*', 'of /*', 'told', '*/'];"],
    ['a question in a comment', 'src/a.ts', '// Is it open?'],
  ];
  for (const [title, file, content] of right) it(`accepts ${title}`, async () => assert.deepEqual(await remedies(file, content), []));
});
