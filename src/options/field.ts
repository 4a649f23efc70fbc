import type { Kind, Kinds } from './kinds';

/**
 * What an option is. This file is pure: the editor's validators run the same checks in the browser, so nothing
 * here may need Node.
 */

/** The sections of the config forms, in their order. */
export const sections = ['connection', 'access', 'security', 'reconnection', 'delivery', 'compression', 'limits'] as const;
export type Section = (typeof sections)[number];

/** One option of a socket or of a command, declared once: everything else that knows it is derived from this. */
export interface Field<K extends Kind = Kind> {
  readonly kind: K;
  /** What the form calls it. */
  readonly label: string;
  /** What it does: a sentence or two, in help, README and tooltips. */
  readonly help: string;
  /** In force when neither the message nor the config node says otherwise. */
  readonly default?: Kinds[K];
  /** The default as documentation shows it, where the value itself says too little. */
  readonly defaultText?: string;
  readonly unit?: 's' | 'ms' | 'bytes' | 'bits';
  readonly min?: number;
  readonly max?: number;
  /** Numbers: no fractions. */
  readonly integer?: true;
  /** Numbers: `min` itself is too little. */
  readonly above?: true;
  /** Texts and names: the most characters of one. */
  readonly maxLength?: number;
  /** Choices: what may be chosen, each with its words. */
  readonly choices?: Readonly<Record<string, string>>;
  readonly section?: Section;
  /** The form folds it away, unless it is set. */
  readonly rare?: true;
  /** Servers: cannot change after create. */
  readonly fixed?: true;
  /** Servers: means something on a port of their own only. */
  readonly ownPort?: true;
  /** Kept as a Node-RED credential, and shown nowhere: `text` can be seen while editing, `password` cannot. */
  readonly credential?: 'text' | 'password';
  /** Not settable by a message. */
  readonly formOnly?: true;
  /** Ours: the plugin has no such option. */
  readonly added?: true;
}
export type Fields = Record<string, Field>;

/** Declares fields, keeping their literal types for `Values`. */
export const fields = <const F extends { [name: string]: { [K in Kind]: Field<K> }[Kind] }>(declared: F): F => declared;

type Defaulted<F extends Fields> = { [N in keyof F]: F[N] extends { default: unknown } ? N : never }[keyof F];
/** The TypeScript type of the values that `read` gives for a set of fields. */
export type Values<F extends Fields> = { [N in Defaulted<F>]: Kinds[F[N]['kind']] } & {
  [N in Exclude<keyof F, Defaulted<F>>]?: Kinds[F[N]['kind']] | undefined;
};
