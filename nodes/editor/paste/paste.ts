/** Reads what a user pastes into the URL of a client: a URL with a login, or a command of curl, wscat or websocat. Pure. */
import { Draft, type TakenOptions } from './draft';
import { shellCommands, type Word } from './shell';
import { type Tool, tools } from './tools';

export interface Pasted {
  /** The options of a client that the text sets. */
  readonly options: TakenOptions;
  /** Options of the command that have no counterpart, or a value that cannot be used. They never include a value. */
  readonly notTaken: readonly string[];
}

/** A longer text is pasted as it is. */
const maxLength = 32_768;

/** @returns `undefined` if the text is to be pasted as it is. */
export function readPaste(text: string): Pasted | undefined {
  if (text.length > maxLength) return undefined;
  if (/^\s*(wss?|https?):\/\/[^\s/?#@]*@\S*\s*$/i.test(text)) return ofUrl(text.trim());
  const found = findTool(text);
  if (!found) return undefined;
  const pasted = new CommandReader(found.tool, found.words).read();
  return Object.keys(pasted.options).length > 0 ? pasted : undefined;
}

function ofUrl(text: string): Pasted {
  const draft = new Draft();
  draft.url(text);
  return { options: draft.options, notTaken: [] };
}

/** Programs and variables that may precede the command. */
const prefixes = /^(sudo|env|time|exec|npx|bunx|pnpx|pnpm|yarn|docker|podman|[A-Za-z_]\w*=[\s\S]*)$/;

function findTool(text: string): { tool: Tool; words: readonly Word[] } | undefined {
  if (!/curl|wscat|websocat/i.test(text)) return undefined;
  for (const words of shellCommands(text.replace(/^\s*(?:PS [^>\n]*>|[$#%>])\s+/, ''))) {
    const at = words.findIndex(({ text }) => toolNamed(text) !== undefined);
    const tool = toolNamed(words[at]?.text ?? '');
    if (tool && (at === 0 || prefixes.test(words[0]?.text ?? ''))) return { tool, words: words.slice(at + 1) };
  }
  return undefined;
}

/** Returns the tool of a word such as `/usr/bin/curl`, `curl.exe`, `wscat@6` or `ghcr.io/vi/websocat:nightly`. */
const toolNamed = (word: string): Tool | undefined =>
  tools[/^(?:\S*[\\/])?(curl|wscat|websocat)(?:\.exe|[@:][\w.-]+)?$/i.exec(word)?.[1]?.toLowerCase() ?? ''];

class CommandReader {
  private readonly draft = new Draft();
  private readonly notTaken = new Set<string>();
  private at = 0;
  /** The index of the last word that is a URL. */
  private readonly lastUrl: number;

  constructor(
    private readonly tool: Tool,
    private readonly words: readonly Word[],
  ) {
    this.lastUrl = words.map(({ text }) => isUrl(text)).lastIndexOf(true);
  }

  read(): Pasted {
    while (this.at < this.words.length) {
      const word = this.words[this.at++] as Word;
      if (/^--\w/.test(word.text)) this.long(word);
      else if (/^-./.test(word.text)) this.short(word);
      else this.positional(word);
    }
    return { options: this.draft.options, notTaken: [...this.notTaken] };
  }

  /** Reads `--name value` or `--name=value`. */
  private long(word: Word): void {
    const [, name = word.text, value] = /^(--[\w.-]+)(?:=(.*))?$/s.exec(word.text) ?? [];
    const { valued, flags } = this.tool;
    if (valued[name]) this.take(name, value === undefined ? this.words[this.at++] : { ...word, text: value });
    else if (flags[name]) this.flag(name);
    else this.unknown(name, value === undefined);
  }

  /** Reads `-x value`, `-xvalue`, or several flags as in `-sSN`. */
  private short(word: Word): void {
    for (let index = 1; index < word.text.length; index++) {
      const name = `-${word.text[index]}`;
      if (this.tool.valued[name]) {
        const rest = word.text.slice(index + 1).replace(/^=/, '');
        return this.take(name, rest ? { ...word, text: rest } : this.words[this.at++]);
      }
      if (this.tool.flags[name]) this.flag(name);
      else this.unknown(name, index === word.text.length - 1);
    }
  }

  private take(name: string, word: Word | undefined): void {
    const take = this.tool.valued[name];
    if (take === 'ignored') return;
    if (!word || word.computed || typeof take !== 'function' || !take(this.draft, word.text)) this.notTaken.add(name);
  }

  private flag(name: string): void {
    const take = this.tool.flags[name];
    if (typeof take === 'function') take(this.draft, '');
  }

  /** The next word may be the value of an unknown option. */
  private unknown(name: string, mayHaveValue: boolean): void {
    this.notTaken.add(name);
    const next = this.words[this.at]?.text;
    if (mayHaveValue && next !== undefined && !/^-/.test(next) && !isUrl(next)) this.at++;
  }

  /** The first URL is the address. websocat has addresses such as `autoreconnect:ws://…` and `-`. */
  private positional({ text, computed }: Word): void {
    if (computed) return;
    const address = /(?:^|:)(wss?:\/\/.*)$/is.exec(text)?.[1] ?? text;
    const comesLater = !isUrl(address) && this.lastUrl >= this.at;
    if (!comesLater && /[\w\]]/.test(text)) this.draft.url(address);
  }
}

const isUrl = (text: string) => /(^|:)(wss?|https?):\/\//i.test(text);
