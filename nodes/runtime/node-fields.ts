import type { Node } from '@node-red/registry';
import { type Layer, messageOf, optionError, printable } from '../../src/index';
import type { Message } from './message';
import type { FlowDef, RED } from './red';

/** Reads one typed field. Contexts and JSONata may answer later. */
interface Reader {
  readonly name: string;
  read(msg: Message): unknown | Promise<unknown>;
  readonly isAsync: boolean;
}

/** The typed fields of a command node that say something. */
export class NodeFields {
  private lastRead: Promise<unknown> = Promise.resolve();

  private constructor(private readonly readers: readonly Reader[]) {}

  /** @returns `undefined` if no field says anything, so that a node without fields does nothing for them. */
  static of(RED: RED, node: Node, def: FlowDef, names: readonly string[]): NodeFields | undefined {
    const readers = names.flatMap((name) => {
      const type = def[`${name}Type`];
      return typeof type === 'string' && type !== '' ? [reader(RED, node, name, type, String(def[name] ?? ''))] : [];
    });
    return readers.length > 0 ? new NodeFields(readers) : undefined;
  }

  /**
   * Returns the values, by field. Messages are read in their order, even if one takes longer.
   *
   * @throws SocketError `ERR_OPTION`, or rejects with it, if an expression fails.
   */
  read(msg: Message): Layer | Promise<Layer> {
    if (this.readers.some(({ isAsync }) => isAsync)) {
      const values = this.lastRead.then(() => this.readLater(msg));
      this.lastRead = values.catch(() => {});
      return values;
    }
    const values: Record<string, unknown> = {};
    for (const each of this.readers) values[each.name] = attempt(each, msg);
    return values;
  }

  private async readLater(msg: Message): Promise<Layer> {
    const values: Record<string, unknown> = {};
    for (const each of this.readers) {
      try {
        values[each.name] = await each.read(msg);
      } catch (error) {
        throw fieldError(each, error);
      }
    }
    return values;
  }
}

function attempt(reader: Reader, msg: Message): unknown {
  try {
    return reader.read(msg);
  } catch (error) {
    throw fieldError(reader, error);
  }
}

const fieldError = ({ name }: Reader, error: unknown) =>
  optionError(`The field ${name} of the node failed: ${reasonIn(error)}. Correct it in the node.`, error, name);

/** Errors of JSONata are plain objects. */
function reasonIn(error: unknown): string {
  const { message } = (error ?? {}) as { message?: unknown };
  return typeof message === 'string' ? printable(message).replace(/\.$/, '') : messageOf(error);
}

function reader(RED: RED, node: Node, name: string, type: string, value: string): Reader {
  if (type === 'jsonata') return jsonata(RED, node, name, value);
  const isAsync = type === 'flow' || type === 'global';
  const evaluate = (msg: Message) => RED.util.evaluateNodeProperty(value, type, node, msg);
  if (!isAsync) return { name, isAsync, read: evaluate };
  return {
    name,
    isAsync,
    read: (msg) =>
      new Promise((resolve, reject) => {
        RED.util.evaluateNodeProperty(value, type, node, msg, (error, result) => (error ? reject(error) : resolve(result)));
      }),
  };
}

/** The expression is prepared once. One that cannot be parsed fails for each message. */
function jsonata(RED: RED, node: Node, name: string, value: string): Reader {
  let expression: ReturnType<typeof RED.util.prepareJSONataExpression>;
  let unusable: unknown;
  try {
    expression = RED.util.prepareJSONataExpression(value, node);
  } catch (error) {
    unusable = error;
  }
  return {
    name,
    isAsync: true,
    read: (msg) =>
      new Promise((resolve, reject) => {
        if (unusable) reject(unusable);
        else RED.util.evaluateJSONataExpression(expression, msg, (error, result) => (error ? reject(error) : resolve(result)));
      }),
  };
}
