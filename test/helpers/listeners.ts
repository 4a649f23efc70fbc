import { parse } from 'acorn';
import { fullAncestor } from 'acorn-walk';
import { transformSync } from 'esbuild';

/** A callback that Node.js or `ws` calls outside our `try` statements. */
export interface Callback {
  /** The call that receives it, for emitters with the event: `socket.once('close')`. */
  readonly place: string;
  readonly source: string;
  readonly isGuarded: boolean;
}

// biome-ignore lint/suspicious/noExplicitAny: the nodes of acorn are read by their names.
type Tree = any;

const emitters = /^(on|once|addListener|prependListener|prependOnceListener|addEventListener)$/;
const timers = /^(setTimeout|setInterval|setImmediate|queueMicrotask|nextTick)$/;
const chains = /^(then|catch|finally)$/;
/** Methods of sockets, streams, servers and requests that take a callback. */
const methods = /^(write|end|close|listen|connect|setTimeout|handleUpgrade|completeUpgrade|getConnections|renegotiate|exec|execFile|fork)$/;
/** Methods of `ws` that take a callback. Our methods of the same names take no callback of Node.js. */
const wsMethods = /\b(ws|socket)\.(send|ping|pong)$/;
/** Options of Node and `ws` that are callbacks. */
const hooks =
  /^(lookup|checkServerIdentity|createConnection|finishRequest|verifyClient|handleProtocols|SNICallback|ALPNCallback|pskCallback|shouldUpgradeCallback)$/;
/** Calls that never throw. */
const harmless =
  /^(destroy|terminate|abort|resume|pause|clearTimeout|clearInterval|clearImmediate|removeEventListener|removeListener|off|delete)$/;

/** Reads the callbacks in a TypeScript source. */
export function callbacksIn(typescript: string): Callback[] {
  const { code } = transformSync(typescript, { loader: 'ts', target: 'esnext' });
  const tree: Tree = parse(code, { ecmaVersion: 'latest', sourceType: 'module' });
  const file = new Source(code, tree);
  const found: Callback[] = [];
  fullAncestor(tree, (node: Tree, _state, ancestors: Tree[]) => {
    const parent = ancestors.at(-2);
    if (node.type === 'CallExpression' || node.type === 'NewExpression') found.push(...file.inCall(node, parent));
    const [key, value] = keyed(node, parent);
    if (value && file.isFunction(value)) found.push(file.callback(key, value));
  });
  return found;
}

/** Returns the value of an option, or of a property such as `onmessage`. */
function keyed(node: Tree, parent: Tree): [string, Tree?] {
  if (node.type === 'Property' && parent.type !== 'ObjectPattern' && hooks.test(nameOf(node.key))) return [nameOf(node.key), node.value];
  if (node.type !== 'AssignmentExpression' || node.left.type !== 'MemberExpression') return [''];
  const name = nameOf(node.left);
  return /^on[a-z]+$/.test(name) || hooks.test(name) ? [name, node.right] : [''];
}

const nameOf = (node: Tree): string => (node?.type === 'MemberExpression' ? nameOf(node.property) : (node?.name ?? ''));
const isFunctionNode = (node: Tree) => /^(Arrow)?Function(Expression|Declaration)$/.test(node?.type ?? '');
/** Returns whether reading it calls no function. */
const isPlain = (node: Tree): boolean =>
  /^(Identifier|Literal|ThisExpression)$/.test(node.type) ||
  (node.type === 'UnaryExpression' && isPlain(node.argument)) ||
  (node.type === 'MemberExpression' && isPlain(node.object) && (!node.computed || isPlain(node.property)));

class Source {
  private readonly variables = new Map<string, Tree[]>();
  /** Fields and methods. */
  private readonly members = new Map<string, Tree[]>();
  /** Returns the origin of an import. */
  private readonly imports = new Map<string, string>();

  constructor(
    private readonly code: string,
    tree: Tree,
  ) {
    const declare = (map: Map<string, Tree[]>, name: string, value: Tree) => {
      if (value && name) map.set(name, [...(map.get(name) ?? []), value]);
    };
    fullAncestor(tree, (node: Tree) => {
      if (node.type === 'ImportDeclaration') for (const one of node.specifiers) this.imports.set(one.local.name, node.source.value);
      if (node.type === 'VariableDeclarator') declare(this.variables, nameOf(node.id), node.init);
      if (node.type === 'FunctionDeclaration') declare(this.variables, node.id.name, node);
      if (node.type === 'PropertyDefinition' || node.type === 'MethodDefinition') declare(this.members, nameOf(node.key), node.value);
      if (node.type === 'AssignmentExpression') {
        declare(node.left.type === 'Identifier' ? this.variables : this.members, nameOf(node.left), node.right);
      }
    });
  }

  private text = (node: Tree): string => this.code.slice(node.start, node.end).replace(/\s+/g, ' ');

  callback(place: string, node: Tree): Callback {
    return { place, source: this.text(node), isGuarded: this.isGuarded(node) };
  }

  /** Returns the callbacks among the arguments of a call. */
  inCall(node: Tree, parent: Tree): Callback[] {
    const { callee, arguments: given } = node;
    const name = nameOf(callee);
    const place = this.text(callee);
    const isMethod = callee.type === 'MemberExpression';
    // With one argument it is one of our own `Listeners`, which guard what they call.
    if (isMethod && emitters.test(name)) return given.length < 2 ? [] : [this.callback(`${place}(${this.text(given[0])})`, given[1])];
    if (timers.test(name) && !(isMethod && methods.test(name))) return given.length > 0 ? [this.callback(place, given[0])] : [];
    if (isMethod && chains.test(name)) return this.inChain(node, parent);
    const takes = isMethod ? methods.test(name) || wsMethods.test(place) : this.isForeign(callee);
    return takes ? given.filter((one: Tree) => this.isFunction(one)).map((one: Tree) => this.callback(place, one)) : [];
  }

  /** Returns whether it is a function or a class of Node.js or `ws`, or a variable with one. */
  private isForeign(callee: Tree): boolean {
    const from = this.imports.get(nameOf(callee));
    if (from !== undefined) return from.startsWith('node:') || from === 'ws';
    return this.values(callee).some(
      ({ type, consequent, alternate }) => type === 'ConditionalExpression' && [consequent, alternate].some((one) => this.isForeign(one)),
    );
  }

  /** A promise that is not awaited must end in a `catch` that does not throw. */
  private inChain(node: Tree, parent: Tree): Callback[] {
    const isFloating = parent?.type === 'ExpressionStatement' || (parent?.type === 'UnaryExpression' && parent.operator === 'void');
    if (!isFloating) return [];
    const last = nameOf(node.callee);
    const [first, second] = node.arguments;
    const isCaught = last === 'catch' ? this.isGuarded(first) : last === 'then' && this.isGuarded(first) && this.isGuarded(second);
    return [{ place: `${this.text(node.callee.object)}.${last}`, source: this.text(node), isGuarded: isCaught }];
  }

  isFunction(node: Tree, depth = 0): boolean {
    if (isFunctionNode(node)) return true;
    if (depth > 3) return false;
    if (node.type === 'CallExpression') return this.isGuard(node.callee);
    return this.values(node).some((value) => this.isFunction(value, depth + 1));
  }

  /** Returns the value of a variable of this file, or of a member of `this`. */
  private values(node: Tree): Tree[] {
    if (node.type === 'Identifier') return this.variables.get(node.name) ?? [];
    const isOwn = node.type === 'MemberExpression' && node.object.type === 'ThisExpression';
    return isOwn ? (this.members.get(nameOf(node)) ?? []) : [];
  }

  /** Returns whether a call of this returns a guarded function. */
  private isGuard(callee: Tree, depth = 0): boolean {
    if (/^(guarded|guardedMethod|guard)$/.test(nameOf(callee))) return true;
    if (callee.type === 'CallExpression') return /^guard(With|For)$/.test(nameOf(callee.callee));
    const values = depth > 3 ? [] : this.values(callee);
    return values.length > 0 && values.every((value) => this.givesGuarded(value, depth));
  }

  private givesGuarded(value: Tree, depth: number): boolean {
    if (value.type === 'CallExpression') return /^guard(With|For)$/.test(nameOf(value.callee));
    if (!isFunctionNode(value)) return false;
    const result = value.body.type === 'BlockStatement' ? value.body.body.at(-1)?.argument : value.body;
    return result?.type === 'CallExpression' && this.isGuard(result.callee, depth + 1);
  }

  isGuarded(node: Tree, depth = 0): boolean {
    if (!node || depth > 3) return false;
    if (node.type === 'CallExpression') return this.isGuard(node.callee) && !node.arguments.some((one: Tree) => one.async);
    if (isFunctionNode(node)) return !node.async && !node.generator && this.isHarmless(node.body, depth);
    // The two functions that a promise passes to its executor.
    if (node.type === 'Identifier' && /^(resolve|reject)$/.test(node.name)) return true;
    const values = this.values(node);
    return values.length > 0 && values.every((value) => this.isGuarded(value, depth + 1));
  }

  /** Returns whether a function body cannot throw: it is empty, assigns, settles a promise, logs, makes harmless calls, or catches everything. */
  private isHarmless(body: Tree, depth: number): boolean {
    switch (body.type) {
      case 'BlockStatement':
        return body.body.every((statement: Tree) => this.isHarmless(statement, depth));
      case 'TryStatement':
        return Boolean(body.handler) && !body.finalizer && body.handler.body.body.every((one: Tree) => this.isHarmless(one, depth));
      case 'ExpressionStatement':
        return this.isHarmless(body.expression, depth);
      case 'ReturnStatement':
        return !body.argument || this.isHarmless(body.argument, depth);
      case 'AssignmentExpression':
        return body.operator === '=' && isPlain(body.right);
      case 'UnaryExpression':
        return this.isHarmless(body.argument, depth);
      case 'CallExpression':
        return body.arguments.every(isPlain) && this.isHarmlessCall(body.callee, depth);
      default:
        return isPlain(body);
    }
  }

  private isHarmlessCall(callee: Tree, depth: number): boolean {
    const name = nameOf(callee);
    if (callee.type === 'Identifier' && /^(resolve|reject)$/.test(name)) return true;
    return harmless.test(name) || /(^|\.)log\.(error|warn)$/.test(this.text(callee)) || this.isGuarded(callee, depth + 1);
  }
}
