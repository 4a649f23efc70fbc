/** Reads PEM as people have it: on one line, indented, in quotation marks, with written line ends, in UTF-16, between other text. */

/** One block of a PEM text, in its canonical form. */
export interface PemBlock {
  /** The label after BEGIN, such as `CERTIFICATE`. */
  readonly label: string;
  /** The block with its lines as OpenSSL writes them. */
  readonly text: string;
  readonly isEncrypted: boolean;
  /** A clause that says why the block cannot be used. It shows nothing of the text. */
  readonly problem?: string;
}

const begin = '-----BEGIN ';

/** Returns true if a value is PEM text, or a text that holds PEM in another form; false for a path. */
export const isPem = (value: string): boolean => unpacked(value).includes(begin);

/** Returns the text of a file. Windows tools write UTF-16. */
export function decode(bytes: Buffer): string {
  const utf16 = bytes.length > 1 && (bytes.readUInt16BE(0) === 0xfffe || (bytes[0] !== 0 && bytes[1] === 0));
  const bigEndian = bytes.length > 1 && (bytes.readUInt16BE(0) === 0xfeff || (bytes[0] === 0 && bytes[1] !== 0));
  const text = utf16 || bigEndian ? (utf16 ? bytes : swapped(bytes)).toString('utf16le') : bytes.toString('utf8');
  return text.replace(/^\ufeff/, '');
}

/** Returns big-endian UTF-16 as little-endian. An odd last byte is dropped. */
const swapped = (bytes: Buffer) => Buffer.from(bytes.subarray(0, bytes.length & ~1)).swap16();

/** Returns a text without the base64 or percent encoding that some tools put around a whole PEM. */
function unpacked(text: string): string {
  const bare = text.trim().replace(/^["']/, '');
  // The base64 of "-----BEGIN ", as Kubernetes and Docker secrets have it.
  if (bare.startsWith('LS0tLS1CRUdJTi')) return Buffer.from(bare, 'base64').toString('utf8');
  // nginx writes $ssl_client_escaped_cert so.
  if (!bare.startsWith('-----BEGIN%20')) return text;
  try {
    return decodeURIComponent(bare);
  } catch {
    return text;
  }
}

/** Returns the blocks of a text, unusable ones too. */
export function pemBlocks(source: string): PemBlock[] {
  const text = unpacked(source);
  const blocks: PemBlock[] = [];
  for (let at = text.indexOf(begin); at >= 0; at = text.indexOf(begin, at + begin.length)) {
    const labelAt = at + begin.length;
    const bodyAt = text.indexOf('-----', labelAt);
    const label = bodyAt < 0 || bodyAt > labelAt + 40 ? '' : text.slice(labelAt, bodyAt).trim();
    const end = bodyAt < 0 ? -1 : text.indexOf('-----', bodyAt + 5);
    if (!/^[A-Z0-9 ]+$/.test(label)) blocks.push(unusable('', 'a first line in it is not whole'));
    else if (end < 0 || !text.startsWith(`-----END ${label}`, end)) {
      blocks.push(unusable(label, 'it is cut off: its last line is missing'));
    } else blocks.push(block(label, text.slice(bodyAt + 5, end)));
  }
  return blocks;
}

const unusable = (label: string, problem: string): PemBlock => ({ label, text: '', isEncrypted: false, problem });

/** The headers of an encrypted key in the old form. Without line ends, only the cipher says how long its IV is. */
const oldEncryption =
  /^Proc-Type:\s*4,\s*ENCRYPTED\s*DEK-Info:\s*((?:AES|CAMELLIA|ARIA|SM4)[\w-]*,\s*[0-9a-f]{32}|[\w-]+,\s*[0-9a-f]{16})/i;

function block(label: string, between: string): PemBlock {
  // Line ends may be written \n or \r\n, once or twice escaped. Quotation marks and blanks come from YAML, JSON and env files.
  const lines = between.replace(/\\[nrt]/g, '\n').replace(/["'\\\u200b\u2060\ufeff]/g, '');
  const bare = lines.trim();
  const encryption = oldEncryption.exec(bare);
  const withoutHeaders = encryption ? bare.slice(encryption[0].length) : bare.replace(/^(?:[\w-]+:[^\n]*\n\s*)+/, '');
  const body = withoutHeaders.replace(/\s+/g, '');
  if (!body) return unusable(label, 'there is nothing between its first and its last line');
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(body)) return unusable(label, 'it holds characters that are not base64');
  const problem = encryption || label === 'OPENSSH PRIVATE KEY' ? undefined : lengthProblem(Buffer.from(body, 'base64'));
  if (problem) return unusable(label, problem);
  const headers = encryption ? `Proc-Type: 4,ENCRYPTED\nDEK-Info: ${encryption[1]?.replace(/\s+/g, '')}\n\n` : '';
  return {
    label,
    text: `-----BEGIN ${label}-----\n${headers}${body.replace(/.{64}(?=.)/g, '$&\n')}\n-----END ${label}-----\n`,
    isEncrypted: encryption !== null || label === 'ENCRYPTED PRIVATE KEY',
  };
}

/** Returns a clause if DER is not a sequence, or not complete. */
function lengthProblem(der: Buffer): string | undefined {
  const length = derLength(der);
  if (length === undefined) return 'its base64 does not hold what its first line says';
  return der.length < length ? `it is cut off: ${der.length} of its ${length} bytes are there` : undefined;
}

/** Returns the number of bytes of the DER sequence at the beginning, with its header; `undefined` if there is none. */
export function derLength(der: Buffer): number | undefined {
  const first = der[1];
  if (der[0] !== 0x30 || first === undefined) return undefined;
  if (first < 0x80) return first + 2;
  const size = first & 0x7f;
  return size > 0 && size <= 4 && der.length >= 2 + size ? der.readUIntBE(2, size) + 2 + size : undefined;
}
