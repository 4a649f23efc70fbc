import type { Field } from '../options/field';
import type { Kind } from '../options/kinds';
import { commandRoutes } from './routes';

/** The JSON types of the kinds of options. */
const types: { readonly [K in Kind]?: object } = {
  number: { type: 'number' },
  boolean: { type: 'boolean' },
  headers: { type: 'object', additionalProperties: { type: 'string' } },
  secrets: { type: 'object', additionalProperties: { type: 'string' } },
  deflate: { type: 'object' },
  json: { type: 'object' },
  protocol: { oneOf: [{ type: 'string' }, { type: 'object' }] },
  subProtocols: { type: 'array', items: { type: 'string' } },
  origins: { type: 'array', items: { type: 'string' } },
  networks: { type: 'array', items: { type: 'string' } },
  names: { oneOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] },
  addressFamily: { oneOf: [{ type: 'number' }, { type: 'string' }] },
  closeCode: { type: 'integer' },
};

const ownerFields = {
  owner: { type: 'string', maxLength: 64, default: '', description: 'The 4D application that owns the socket.' },
  run: { type: 'string', description: 'The run of an earlier answer. Another run fails with ERR_NO_SOCKET.' },
};
const socketFields = {
  id: { type: 'integer', description: 'The id of a socket of the owner.' },
  name: { type: 'string', description: 'The name of a config node that the bridge may use, in place of id.' },
};

function schemaOf({ kind, help, min, max, default: byDefault, choices }: Field): object {
  return {
    ...(choices ? { type: 'string', enum: Object.keys(choices) } : (types[kind] ?? { type: 'string' })),
    description: help,
    ...(min !== undefined && { minimum: min }),
    ...(max !== undefined && { maximum: max }),
    ...(byDefault !== undefined && { default: byDefault }),
  };
}

const json = (schema: object) => ({ content: { 'application/json': { schema } } });
const object = (properties: object, required: readonly string[] = []) => ({
  type: 'object',
  properties,
  ...(required.length > 0 && { required }),
});

const failures = Object.fromEntries(
  Object.entries({
    400: 'The body is not a JSON object, or the owner cannot be used.',
    401: 'The token is missing or wrong.',
    403: 'A host, or a change of an option, is not allowed.',
    404: 'There is no such command.',
    405: 'The path takes another method.',
    413: 'The body is larger than maxBody.',
    415: 'The Content-Type or the Content-Encoding is not understood.',
    503: 'The bridge has no token.',
  }).map(([status, description]) => [status, { description, ...json({ $ref: '#/components/schemas/Failure' }) }]),
);

const operation = (summary: string, request: object | undefined, response: object) => ({
  summary,
  ...(request && { requestBody: { required: true, ...json(request) } }),
  responses: { 200: { description: 'The status.', ...json(response) }, ...failures },
});

/** Returns the description of the HTTP interface (OpenAPI 3.1), made from the declarations. */
export function openApi(): object {
  const paths: Record<string, object> = {};
  for (const [route, { command, creates }] of Object.entries(commandRoutes)) {
    const fields = Object.entries(command.fields).filter(([, { formOnly }]) => !formOnly);
    const own = Object.fromEntries(fields.map(([name, field]) => [name, schemaOf(field)]));
    const keep = creates ? { keep: { type: 'boolean', description: 'The lease does not clear the socket.' } } : {};
    const request = object({ ...ownerFields, ...socketFields, ...own, ...keep, ...(route.endsWith('/send') && { message: {} }) });
    const outputs = Object.entries(command.outputs).map(([name, words]) => [name, { description: words }]);
    const response = object({ run: { type: 'string' }, ...Object.fromEntries(outputs) });
    paths[`/${route}`] = { post: operation(command.summary, request, response) };
  }
  const method = object({ method: { type: 'string' }, run: { type: 'string' } });
  paths['/method'] = {
    get: operation('Returns the current method.', undefined, method),
    post: operation('Sets the current method.', object({ ...ownerFields, method: { type: 'string' } }), method),
  };
  paths['/'] = {
    get: {
      ...operation('Lists the sockets of an owner.', undefined, object({ run: { type: 'string' }, sockets: { type: 'array' } })),
      parameters: [{ name: 'owner', in: 'query', schema: { type: 'string' } }],
    },
  };
  paths['/owner'] = {
    post: operation('Clears the sockets of an owner.', object({ ...ownerFields, clear: { const: true } }, ['clear']), object({})),
  };
  paths['/openapi.json'] = { get: operation('Returns this description.', undefined, object({})) };
  paths['/events'] = { post: operation('Waits for events (long poll).', pollSchema, eventsSchema) };
  return {
    openapi: '3.1.0',
    info: { title: 'WebSocket commands for 4D', version: '1' },
    servers: [{ url: '.' }],
    security: [{ token: [] }],
    paths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      schemas: { Failure: object({ success: { const: false }, errorStr: { type: 'string' } }, ['success', 'errorStr']) },
    },
  };
}

const pollSchema = object({
  ...ownerFields,
  after: { type: 'integer', minimum: 0, default: 0, description: 'The seq of the newest event that was received.' },
  wait: { type: 'number', minimum: 0, maximum: 55, default: 25, description: 'Seconds to wait for an event.' },
  max: { type: 'integer', minimum: 1, maximum: 10000, default: 500 },
});

const eventsSchema = object({
  run: { type: 'string' },
  events: {
    type: 'array',
    items: object({
      seq: { type: 'integer' },
      type: { type: 'integer', minimum: 0, maximum: 3 },
      event: { enum: ['Message', 'Open', 'Close', 'Error'] },
      socket: { type: 'integer' },
      client: { type: 'string' },
      name: { type: 'string' },
      method: { type: 'string' },
      message: { type: 'object' },
      time: { type: 'string', format: 'date-time' },
    }),
  },
  more: { type: 'integer' },
  dropped: { type: 'integer' },
});
