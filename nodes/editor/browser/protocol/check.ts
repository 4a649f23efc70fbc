/** Checks the fields of a protocol's form, and patterns against a sample, as the runtime does. */
import { type Description, readDescription } from '../../../../src/conversation/description/read';
import { compilePattern } from '../../../../src/conversation/pattern';
import { messageOf, SocketError } from '../../../../src/core/errors';
import { isTyped } from '../../../../src/options/typed-value';
import { isEmpty, isEnv } from '../../values';
import { word } from '../translate';

/** The editor's own JSONata, which parses like that of the runtime. Values of contexts are not read here. */
const expressions = {
  compile(text: string) {
    const expression = jsonata(text);
    return async (input: unknown, bindings: object) => expression.evaluate(input, { ...bindings });
  },
  contextValue: async () => undefined,
};

/** Returns the description that a protocol node holds. @throws SocketError */
export const readNode = (node: EditedNode): Description => readDescription(descriptionOf(node), expressions);

const parts = ['format', 'separator', 'subProtocols', 'onOpen', 'answers', 'heartbeat', 'rpc', 'secrets'];
const descriptionOf = (node: EditedNode) =>
  Object.fromEntries(parts.filter((name) => !isEmpty(node[name])).map((name) => [name, node[name]]));

/** Returns what the runtime would refuse in one field of a protocol, as a sentence that names the place. */
export function protocolProblem(name: string, label: string, value: unknown): string | undefined {
  if (isEmpty(value) || isEnv(value)) return undefined;
  try {
    readDescription({ [name]: value }, expressions);
    return undefined;
  } catch (error) {
    if (!(error instanceof SocketError)) throw error;
    return word('protocol.refused', { label, reason: error.message });
  }
}

/** Returns why an expression does not parse. */
export function parseProblem(text: string): string | undefined {
  try {
    expressions.compile(text);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

/** Returns whether a message matches a pattern or an expression. @throws an error with the reason if it cannot be compared. */
export async function matches(pattern: unknown, message: unknown): Promise<boolean> {
  if (!isTyped(pattern) || pattern.type !== 'jsonata') return compilePattern(pattern, 'pattern')(message);
  return (await expressions.compile(String(pattern.value))(message, {})) === true;
}
