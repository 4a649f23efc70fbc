/** Between what a user writes in a composer and the message to send. Pure. */
import { type Composed, readComposed } from '../../composed';

/** The ways to write a message. Bytes are written in hex or Base64. */
export const writtenForms = ['text', 'json', 'hex', 'base64', 'request'] as const;
export type WrittenForm = (typeof writtenForms)[number];

/** A message as it is written, and as a config node keeps it. */
export interface Written {
  readonly form: WrittenForm;
  readonly text: string;
}

/** The most messages that a config node keeps. */
export const maxSaved = 50;

/** Returns the message, or the key of the sentence that says what is wrong. */
export function composedOf({ form, text }: Written): Composed | { readonly problem: string } {
  switch (form) {
    case 'hex': {
      const digits = text.replace(/0x|[\s,:]/gi, '');
      if (digits.length % 2 !== 0 || !/^[\da-f]*$/i.test(digits)) return { problem: 'composer.noHex' };
      return { as: 'base64', data: base64(digits.match(/../g) ?? []) };
    }
    case 'base64': {
      const data = text.replace(/\s/g, '');
      return /^[\w+/-]*={0,2}$/.test(data) ? { as: 'base64', data } : { problem: 'composer.noBase64' };
    }
    case 'json':
    case 'request':
      return isJson(text) ? { as: form, data: text } : { problem: 'composer.noJson' };
    default:
      return readComposed({ as: 'text', data: text }) ?? { problem: 'composer.tooLong' };
  }
}

const base64 = (bytes: readonly string[]) => btoa(bytes.map((byte) => String.fromCharCode(Number.parseInt(byte, 16))).join(''));

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Returns the messages that a config node keeps. What is not a message is left out. */
export function savedIn(property: unknown): Written[] {
  const list: readonly unknown[] = Array.isArray(property) ? property : [];
  return list.filter(isWritten).slice(0, maxSaved);
}

const isWritten = (value: unknown): value is Written => {
  const { form, text } = (value ?? {}) as Partial<Written>;
  return writtenForms.includes(form as WrittenForm) && typeof text === 'string';
};

/** Returns the list with a message at its beginning. The oldest one goes if there are too many. */
export const withSaved = (list: readonly Written[], message: Written): Written[] => [message, ...without(list, message)].slice(0, maxSaved);

export const without = (list: readonly Written[], { form, text }: Written): Written[] =>
  list.filter((each) => each.form !== form || each.text !== text);
