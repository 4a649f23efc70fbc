/** Splits a command line like a shell, without running anything. Pure. */

/** One word of a command line. */
export interface Word {
  /** The text without quotes. A variable is `${NAME}`, as in Node-RED. */
  readonly text: string;
  /** True if a part is the output of another command, which only a shell knows. */
  readonly computed: boolean;
}

/** Returns the commands of a line. Pipes, `;`, `&&`, `||`, redirections and line ends separate them. */
export function shellCommands(line: string): readonly (readonly Word[])[] {
  return new Reader(withoutContinuations(line)).commands();
}

/** Joins continued lines of a POSIX shell, of cmd.exe and of PowerShell. Removes the carets of cmd.exe. */
function withoutContinuations(line: string): string {
  const isCmd = /\^(\r?\n|")/.test(line);
  return isCmd
    ? line.replace(/\^(?:\r?\n|([\s\S]))/g, (_, escaped: string | undefined) => escaped ?? ' ')
    : line.replace(/[\\`]\r?\n/g, ' ');
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '0': '\0' };

class Reader {
  private at = 0;
  private word: string | undefined;
  private computed = false;
  private command: Word[] = [];
  private readonly found: (readonly Word[])[] = [];

  constructor(private readonly line: string) {}

  commands(): readonly (readonly Word[])[] {
    while (this.at < this.line.length) this.step();
    this.endCommand();
    return this.found;
  }

  private step(): void {
    const next = this.line[this.at] as string;
    if (next === "'") return this.single();
    if (next === '"') return this.double();
    if (this.line.startsWith("$'", this.at)) return this.ansi();
    if (next === '\\') return this.backslash();
    if (next === '$' || next === '`') return this.variable();
    this.at++;
    if (next === '\n' || this.isOperator(next)) return this.endCommand();
    if (/\s/.test(next)) return this.endWord();
    this.add(next);
  }

  /** A single `&` inside a word belongs to a URL that was not quoted. */
  private isOperator(next: string): boolean {
    if (next === '&') return this.word === undefined || /^(?:&|\s|$)/.test(this.line.slice(this.at, this.at + 1));
    return next === ';' || next === '|' || (next === '>' && this.word === undefined) || (next === '<' && this.word === undefined);
  }

  private single(): void {
    const end = this.end("'", this.at + 1);
    this.add(this.line.slice(this.at + 1, end));
    this.at = end + 1;
  }

  private double(): void {
    this.add('');
    this.at++;
    while (this.at < this.line.length && this.line[this.at] !== '"') {
      const next = this.line[this.at] as string;
      if (next === '$' || next === '`') this.variable();
      else {
        const isEscape = next === '\\' && /["\\$`]/.test(this.line[this.at + 1] ?? '');
        this.add(isEscape ? (this.line[this.at + 1] as string) : next);
        this.at += isEscape ? 2 : 1;
      }
    }
    this.at++;
  }

  /** Reads `$'…'`, which browsers write when they copy a request with a `!` or a line end. */
  private ansi(): void {
    this.add('');
    this.at += 2;
    while (this.at < this.line.length && this.line[this.at] !== "'") {
      const found = /^\\(?:x([\da-f]{1,2})|u([\da-f]{1,4})|([\s\S]))/i.exec(this.line.slice(this.at, this.at + 6));
      const [whole = this.line[this.at] as string, hex, unicode, letter] = found ?? [];
      const code = hex ?? unicode;
      this.add(code ? String.fromCharCode(Number.parseInt(code, 16)) : letter ? (escapes[letter] ?? letter) : whole);
      this.at += whole.length;
    }
    this.at++;
  }

  /** A backslash in a path of Windows is a part of it. */
  private backslash(): void {
    const isPath = /^[A-Za-z]:/.test(this.word ?? '');
    this.add(isPath ? '\\' : (this.line[this.at + 1] ?? ''));
    this.at += isPath ? 1 : 2;
  }

  private variable(): void {
    const name = /^\$(?:\{(\w+)\}|([A-Za-z_]\w*))/.exec(this.line.slice(this.at, this.at + 200));
    if (name) {
      this.add(`\${${name[1] ?? name[2]}}`);
      this.at += name[0].length;
    } else if (this.line[this.at] === '`') this.substitution(this.end('`', this.at + 1));
    else if (this.line.startsWith('$(', this.at)) this.substitution(this.closing());
    else {
      this.add('$');
      this.at++;
    }
  }

  private substitution(end: number): void {
    this.computed = true;
    this.add(this.line.slice(this.at, end + 1));
    this.at = end + 1;
  }

  /** Returns the index of the bracket that closes a `$(`. */
  private closing(): number {
    let depth = 0;
    for (let at = this.at + 1; at < this.line.length; at++) {
      if (this.line[at] === '(') depth++;
      if (this.line[at] === ')' && --depth === 0) return at;
    }
    return this.line.length;
  }

  private end(mark: string, from: number): number {
    const end = this.line.indexOf(mark, from);
    return end < 0 ? this.line.length : end;
  }

  private add(text: string): void {
    this.word = (this.word ?? '') + text;
  }

  private endWord(): void {
    if (this.word !== undefined) this.command.push({ text: this.word, computed: this.computed });
    this.word = undefined;
    this.computed = false;
  }

  private endCommand(): void {
    this.endWord();
    if (this.command.length > 0) this.found.push(this.command);
    this.command = [];
  }
}
