/** The build output for the editor, read as the editor, the scorecard and the flow library read it. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { type CallExpression, parse } from 'acorn';
import { simple } from 'acorn-walk';
import jsonata from 'jsonata';

export const root = join(__dirname, '..', '..');
const nodes = join(root, 'dist', 'nodes');
if (!existsSync(join(nodes, 'ix-websocket.html'))) throw new Error('There is no page in dist: run npm run build first.');

export const page = readFileSync(join(nodes, 'ix-websocket.html'), 'utf8');
export const hasIcon = (name: string) => existsSync(join(nodes, 'icons', name));
/** Returns the message catalogue of a language, as Node-RED serves it to the editor. */
export const catalogueOf = (language: string) => JSON.parse(readFileSync(join(nodes, 'locales', language, 'ix-websocket.json'), 'utf8'));

/** Returns the text between the script tags with this attribute. */
export const script = (attribute: string): string =>
  new RegExp(`<script type="text/html" ${attribute}>\\n([\\S\\s]*?)</script>`).exec(page)?.[1] ?? '';

const scripts = [...page.matchAll(/<script type="text\/javascript">([\S\s]*?)<\/script>/g)].map(([, text = '']) => text);

/** Returns the registrations as text parsers find them: type and definition are in the call itself. */
export function literalDefinitions() {
  const found: Record<string, readonly string[]> = {};
  for (const text of scripts) {
    simple(parse(text, { ecmaVersion: 'latest' }), {
      CallExpression({ callee, arguments: [type, definition] }: CallExpression) {
        const isRegistration =
          callee.type === 'MemberExpression' && callee.property.type === 'Identifier' && callee.property.name === 'registerType';
        if (!isRegistration || type?.type !== 'Literal' || definition?.type !== 'ObjectExpression') return;
        found[String(type.value)] = definition.properties.flatMap((property) => {
          if (property.type !== 'Property' || property.key.type !== 'Identifier') return [];
          const { key, value } = property;
          const isPlain =
            value.type === 'Literal' || (value.type === 'ObjectExpression' && value.properties.every(({ type }) => type === 'Property'));
          return isPlain ? [key.name] : [];
        });
      },
    });
  }
  return found;
}

type Validator = (this: object, value: unknown, opt: object) => true | string;
/** A definition as the editor uses it. */
export interface Definition {
  readonly category: string;
  readonly color?: string;
  readonly defaults: Readonly<Record<string, { value: unknown; type?: string; required?: boolean; validate?: Validator }>>;
  readonly credentials?: Readonly<Record<string, { type: string; validate?: Validator }>>;
  onadd?(): void;
  readonly inputs?: number;
  readonly outputs?: number;
  inputLabels?(port: number): string;
  outputLabels?(port: number): string;
  readonly icon: string;
  paletteLabel(): string;
  label(): string;
}

/** The config nodes of the editor, by id. */
export const configNodes: Record<string, Record<string, unknown> & { readonly type: string }> = {};

/** The actions that the page adds, and their menu items. */
export const actions: string[] = [];

/** Returns the definitions that the page registers, with the words of the English catalogue. */
export const definitions: Readonly<Record<string, Definition>> = register();

function register() {
  const registered: Record<string, Definition> = {};
  const words = catalogueOf('en-US');
  const _ = (key: string, values: Record<string, string | number> = {}) => {
    const text = key.split('.').reduce((at, part) => at?.[part], words);
    return typeof text === 'string' ? text.replace(/__(\w+)__/g, (whole: string, name: string) => String(values[name] ?? whole)) : key;
  };
  const RED = {
    nodes: {
      registerType: (type: string, definition: Definition) => Object.assign(registered, { [type]: Object.assign(definition, { _ }) }),
      getType: () => ({ _ }),
      node: (id: string) => configNodes[id] ?? null,
      eachConfig: (take: (node: object) => void) => Object.values(configNodes).forEach(take),
    },
    _: (key: string) => key,
    actions: { add: (name: string) => void actions.push(name), remove: () => {} },
    menu: {
      addItem: (menu: string, { onselect }: { onselect: string }) => void actions.push(`${menu}: ${onselect}`),
      removeItem: () => {},
    },
    settings: { theme: () => false },
  };
  const context = createContext({ RED, jsonata, URL, TextEncoder, $: () => ({ val: () => undefined }) });
  for (const text of scripts) runInContext(text, context);
  return registered;
}

/** Returns the result of a property's validator for a value. */
export function validate(type: string, name: string, value: unknown, node: Record<string, unknown> = {}): true | string {
  const { validate } = definitions[type]?.defaults[name] ?? definitions[type]?.credentials?.[name] ?? {};
  return validate ? validate.call({ type, ...node }, value, {}) : true;
}
