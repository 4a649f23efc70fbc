import assert from 'node:assert/strict';
import { shellCommands } from '../../../nodes/editor/paste/shell';

const texts = (line: string) => shellCommands(line).map((words) => words.map(({ text }) => text));

describe('a command line', () => {
  const rows: readonly [title: string, line: string, words: string[][]][] = [
    ['is split at blanks', 'curl  -i\tws://h/', [['curl', '-i', 'ws://h/']]],
    ['keeps what is in single quotes', `a 'b "c" $D \\e'`, [['a', 'b "c" $D \\e']]],
    ['keeps an empty quoted word', `a '' ""`, [['a', '', '']]],
    ['joins quoted and bare parts', `a b'c d'"e f"g`, [['a', 'bc de fg']]],
    ['has escapes in double quotes', '"a\\"b\\\\c\\d"', [['a"b\\c\\d']]],
    ['has escapes outside quotes', 'a\\ b\\"c', [['a b"c']]],
    ['has ANSI-C quotes', `$'a\\'b\\u0021\\x41\\n'`, [["a'b!A\n"]]],
    ['continues after a backslash', 'a \\\n  b \\\r\n c', [['a', 'b', 'c']]],
    ['continues after a caret of cmd.exe', 'a ^\r\n  -H ^"b: \\^"c\\^"^"', [['a', '-H', 'b: "c"']]],
    ['continues after a backtick of PowerShell', 'a `\n b', [['a', 'b']]],
    ['ends at operators', 'a | b; c && d || e & f\ng > h', [['a'], ['b'], ['c'], ['d'], ['e'], ['f'], ['g'], ['h']]],
    ['keeps an ampersand in a bare URL', 'curl ws://h/?a=1&b=2', [['curl', 'ws://h/?a=1&b=2']]],
    ['writes variables as Node-RED does', '"Bearer $TOKEN" ${A}b $1', [['Bearer ${TOKEN}', '${A}b', '$1']]],
    ['keeps paths of Windows', 'a C:\\x\\y.pem', [['a', 'C:\\x\\y.pem']]],
    ['accepts quotes that do not end', `a 'b c`, [['a', 'b c']]],
    ['may be empty', ' \n ', []],
  ];
  for (const [title, line, words] of rows) it(title, () => assert.deepEqual(texts(line), words));

  it('marks words whose text only a shell knows', () => {
    const [words = []] = shellCommands('a "$(cat (x) y)" `b c` d');
    assert.deepEqual(words, [
      { text: 'a', computed: false },
      { text: '$(cat (x) y)', computed: true },
      { text: '`b c`', computed: true },
      { text: 'd', computed: false },
    ]);
  });
});
