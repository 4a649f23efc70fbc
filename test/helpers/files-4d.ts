/** The files for 4D in docs/4d, and as much of 4D's language as the rules about them need. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

export const folder4D = join(__dirname, '..', '..', 'docs', '4d');
export const sources4D = join(folder4D, 'Project', 'Sources');

export interface File4D {
  /** The name of the method or class. */
  readonly name: string;
  readonly kind: 'Methods' | 'Classes' | 'DatabaseMethods';
  readonly text: string;
  /** The lines without comments, with empty strings. */
  readonly lines: readonly string[];
}

/** Returns the lines of 4D code without comments, with empty strings. */
export const linesOf = (text: string): string[] =>
  text.split('\n').map((line) =>
    line
      .replace(/"(?:\\.|[^"\\])*"/g, '""')
      .replace(/\/\/.*$/, '')
      .trim(),
  );

export const files4D: readonly File4D[] = (['Methods', 'Classes', 'DatabaseMethods'] as const).flatMap((kind) =>
  readdirSync(join(sources4D, kind)).map((file) => {
    const text = readFileSync(join(sources4D, kind, file), 'utf8');
    return { name: basename(file, '.4dm'), kind, text, lines: linesOf(text) };
  }),
);

/** Returns the source of one function of a class. */
export function functionOf(file: File4D, name: string): string {
  const found = file.text.split(/^(?=(?:exposed )?Function )/m).find((part) => new RegExp(`^(exposed )?Function ${name}\\(`).test(part));
  if (!found) throw new Error(`${file.name} has no function ${name}`);
  return found;
}

/**
 * Commands and constants of 4D that the files use, as the pages of its documentation spell them
 * (developer.4d.com/docs/commands/command-index).
 */
export const known4D: ReadonlySet<string> = new Set(
  `4D; ALERT; Abs; Add to date; Application type; BASE64 DECODE; BASE64 ENCODE; BLOB size; CALL WORKER; CONVERT FROM TEXT; COPY BLOB; Char;
  Character code; Choose; Count parameters; Current machine; Current process; DELAY PROCESS; EXECUTE METHOD; Error; Error line; Error method;
  False; File; Formula; Generate digest; JSON Parse; JSON Stringify; LOG EVENT; Length; MESSAGE; Method called on error; New collection;
  New object; New shared object; Not; Null; Num; OB Instance of; OB Is defined; OB Keys; OB REMOVE; OK; ON ERR CALL; Position; Process aborted;
  Replace string; Request; SET BLOB SIZE; Session; Size of array; Storage; String; Substring; This; Timestamp; True; Value type;
  WEB GET HTTP BODY; WEB GET HTTP HEADER; WEB GET VARIABLES; WEB SEND BLOB; WEB SET HTTP HEADER; WEB Server; cs;
  Into 4D diagnostic log; Is BLOB; Is collection; Is longint; Is object; Is real; Is text; Is undefined; SHA256 digest;
  Web server host database; ARRAY TEXT`
    .split(';')
    .map((name) => name.trim()),
);

const keywords =
  /^(?:If|Else|End if|For each|End for each|For|End for|While|End while|Use|End use|Case of|End case|return|Try|Catch|End try)\b/;

/** Returns the names in a line of 4D code that are neither keywords, variables, members, numbers nor declarations. */
export function namesIn(line: string): string[] {
  if (/^(?:var|property|#DECLARE|(?:exposed )?Function|(?:shared singleton )?Class constructor)\b/.test(line)) return [];
  return line
    .replace(keywords, '')
    .replace(/\bTry\(/g, '(')
    .replace(/!\d+-\d+-\d+!/g, '0')
    .replace(/<>?\w+|\$\w+/g, '0')
    .replace(/\.\s*[\w]+/g, '')
    .split(/[^\w ]+/)
    .map((name) => name.trim())
    .filter((name) => name !== '' && !/^(?:\d+|0x[\dA-F]+)$/.test(name));
}

/** Commands of 4D for the functions of {@link runnable}: those that a digest and a time need. Dates are days since 1970. */
const runtime = {
  Length: (text: string) => text.length,
  Num: (text: string) => Number(text) || 0,
  Substring: (text: string, from: number, length = text.length) => text.slice(from - 1, from - 1 + length),
  Position: (part: string, text: string) => text.indexOf(part) + 1,
  Character_code: (text: string) => text.charCodeAt(0),
  BLOB_size: (blob: Buffer) => blob.length,
  Add_to_date: (_: number, year: number, month: number, day: number) => Date.UTC(year, month - 1, day) / 86_400_000,
  day: (text: string) => Date.parse(text) / 86_400_000,
  sized: (blob: Buffer, size: number, fill = 0) => Buffer.concat([blob, Buffer.alloc(size, fill)]).subarray(0, size),
  copied: (from: Buffer, to: Buffer, start: number, at: number, length: number) =>
    Buffer.concat([to.subarray(0, at), from.subarray(start, start + length)]),
};

const empty: Readonly<Record<string, string>> = { Blob: 'Buffer.alloc(0)', Text: "''" };

/** Translates the subset of 4D's language that some functions of a class use. @returns the functions, which call each other. */
export function runnable(
  file: File4D,
  names: readonly string[],
  digest: (blob: Buffer) => string,
): Record<string, (...given: string[]) => unknown> {
  const self: Record<string, (...given: string[]) => unknown> = {};
  const scope = { ...runtime, Generate_digest: digest, SHA256_digest: 'sha256', self };
  for (const name of names) {
    const [head = '', ...lines] = functionOf(file, name).split('\n');
    const parameters = [...head.matchAll(/\$\w+/g)].map(([parameter]) => parameter);
    const body = lines.map((line) => statementOf(line.replace(/\/\/.*$/, '').trim())).join('\n');
    const make = new Function(...Object.keys(scope), `return (${parameters.join()}) => {\n${body}\n}`);
    self[name] = make(...Object.values(scope));
  }
  return self;
}

function statementOf(line: string): string {
  const declared = /^var (.*) : (\w+)$/.exec(line);
  if (declared)
    return `let ${String(declared[1]).replaceAll(';', ` = ${empty[String(declared[2])] ?? 0},`)} = ${empty[String(declared[2])] ?? 0};`;
  const [word] = /^(?:End if|End for|Else)/.exec(line) ?? [];
  if (word) return word === 'Else' ? '} else {' : '}';
  const loop = /^For \((\$\w+); (.*); (.*)\)$/.exec(line);
  if (loop) return `for (${loop[1]} = ${expressionOf(String(loop[2]))}; ${loop[1]} <= ${expressionOf(String(loop[3]))}; ${loop[1]}++) {`;
  const set = /^(.*?):=(.*)$/.exec(line);
  if (set) return `${expressionOf(String(set[1]))} = ${expressionOf(String(set[2]))};`;
  if (line.startsWith('If (')) return `if ${expressionOf(line.slice(3))} {`;
  const sized = /^SET BLOB SIZE\((\$\w+); (.*)\)$/.exec(line);
  if (sized) return `${sized[1]} = sized(${sized[1]}, ${expressionOf(String(sized[2]))});`;
  const converted = /^CONVERT FROM TEXT\((\$\w+); "UTF-8"; (\$\w+)\)$/.exec(line);
  if (converted) return `${converted[2]} = Buffer.from(${converted[1]});`;
  const copied = /^COPY BLOB\((\$\w+); (\$\w+); (.*)\)$/.exec(line);
  if (copied) return `${copied[2]} = copied(${copied[1]}, ${copied[2]}, ${expressionOf(String(copied[3]))});`;
  if (line === '' || line.startsWith('return ')) return expressionOf(line);
  throw new Error(`no translation of: ${line}`);
}

const expressionOf = (code: string): string =>
  code
    .replace(/!(\d+-\d+-\d+)!/g, "day('$1')")
    .replace(/\[\[(.*?)\]\](?!\])/g, '[($1) - 1]')
    .replace(/\{(.*?)\}/g, '[$1]')
    .replace(/(\w+\(\$\w+\))\\2/g, 'Math.floor($1 / 2)')
    .replaceAll(' ^| ', ' ^ ')
    .replaceAll('This.', 'self.')
    .replace(/(Add to date|BLOB size|Character code|Generate digest|SHA256 digest)/g, (name) => name.replaceAll(' ', '_'))
    .replaceAll('#', '!==')
    .replace(/(?<![<>!=])=(?![="])/g, '===')
    .replaceAll(';', ',')
    .replace(/True|False/g, (word) => word.toLowerCase());
