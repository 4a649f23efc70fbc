import type { Kind, Kinds } from './kinds';

/**
 * The definition of an option. This file is pure, because the editor's validators run the same checks in the browser. Nothing here may need
 * Node.
 */

/** The sections of the config forms, in order. */
export const sections = [
  'messages',
  'conversation',
  'connection',
  'access',
  'security',
  'reconnection',
  'delivery',
  'compression',
  'limits',
] as const;
export type Section = (typeof sections)[number];

/** One option of a socket or of a command. It is declared once, and everything else is derived from the declaration. */
export interface Field<K extends Kind = Kind> {
  readonly kind: K;
  /** The label in the form. */
  readonly label: string;
  /** The description: one or two sentences for help, README and tooltips. */
  readonly help: string;
  /** Used if neither the message nor the config node sets the option. */
  readonly default?: Kinds[K];
  /** The default as documentation shows it, if the value alone is not clear. */
  readonly defaultText?: string;
  readonly unit?: 's' | 'ms' | 'bytes' | 'bits';
  readonly min?: number;
  readonly max?: number;
  /** Numbers: integers only. */
  readonly integer?: true;
  /** Numbers: the value must be greater than `min`. */
  readonly above?: true;
  /** Texts and names: the maximum number of characters. */
  readonly maxLength?: number;
  /** Choices: the allowed values, each with its label. */
  readonly choices?: Readonly<Record<string, string>>;
  readonly section?: Section;
  /** The form hides it in a collapsed section, unless it is set. */
  readonly rare?: true;
  /** Servers: cannot be changed after create. */
  readonly fixed?: true;
  /** Servers: only used by a server with its own port. */
  readonly ownPort?: true;
  /** Stored as a Node-RED credential and never shown. `text` is visible while editing; `password` is not. */
  readonly credential?: 'text' | 'password';
  /** Forms: the symbol before the label, a name of Font Awesome 4.7. Default: that of the kind. */
  readonly icon?: string;
  /** Forms: may not be empty under this condition. */
  readonly neededIf?: Condition;
  /** Forms: shown only under this condition. */
  readonly shownIf?: Condition;
  /** Forms: hidden while this option is set, which replaces it. */
  readonly replacedBy?: string;
  /** Forms: a new node has the default as its value, instead of an empty value. */
  readonly preset?: true;
  /** Clients: used only for the host that the options name, because it may contain a secret. */
  readonly sameHost?: true;
  /** Cannot be set by a message. */
  readonly formOnly?: true;
  /** Added by this package: the plugin has no such option. */
  readonly added?: true;
}
/** Options with the value that each must have, or one of several, as texts; `''` for an option that is not set. */
export type Condition = Readonly<Record<string, string | readonly string[]>>;
export type Fields = Record<string, Field>;

/** Declares fields and keeps their literal types for `Values`. */
export const fields = <const F extends { [name: string]: { [K in Kind]: Field<K> }[Kind] }>(declared: F): F => declared;

type Defaulted<F extends Fields> = { [N in keyof F]: F[N] extends { default: unknown } ? N : never }[keyof F];
/** The TypeScript type of the values that `read` returns for a set of fields. */
export type Values<F extends Fields> = { [N in Defaulted<F>]: Kinds[F[N]['kind']] } & {
  [N in Exclude<keyof F, Defaulted<F>>]?: Kinds[F[N]['kind']] | undefined;
};
