import assert from 'node:assert/strict';
import { openApi } from '../../../src/bridge/openapi';
import { commandRoutes, otherRoutes } from '../../../src/bridge/routes';
import { keywords, problemsOf } from '../../helpers/json-schema';

const text = { type: 'string' };
const closed = (properties: object, required: readonly string[] = []) => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});
const map = (values: object) => ({ type: 'object', additionalProperties: values });
const content = closed({ 'application/json': closed({ schema: { $ref: '#/schema' } }, ['schema']) }, ['application/json']);

/** The rules of OpenAPI 3.1 for what the description has. Other properties are not accepted. */
const rules = {
  document: closed(
    {
      openapi: { const: '3.1.0' },
      info: closed({ title: text, version: text }, ['title', 'version']),
      servers: { type: 'array', items: closed({ url: text }, ['url']) },
      security: { type: 'array', items: map({ type: 'array', items: text }) },
      paths: map({ $ref: '#/path' }),
      components: closed({
        schemas: map({ $ref: '#/schema' }),
        securitySchemes: map(closed({ type: { const: 'http' }, scheme: { const: 'bearer' } }, ['type', 'scheme'])),
      }),
    },
    ['openapi', 'info', 'paths'],
  ),
  path: closed({ get: { $ref: '#/operation' }, post: { $ref: '#/operation' } }),
  operation: closed(
    {
      summary: text,
      parameters: {
        type: 'array',
        items: closed({ name: text, in: { enum: ['query', 'header', 'path', 'cookie'] }, schema: { $ref: '#/schema' } }, ['name', 'in']),
      },
      requestBody: closed({ required: { type: 'boolean' }, content }, ['content']),
      responses: map(closed({ description: text, content }, ['description'])),
    },
    ['responses'],
  ),
  schema: closed({
    $ref: text,
    description: text,
    format: text,
    default: {},
    const: {},
    enum: { type: 'array' },
    type: { enum: ['string', 'number', 'integer', 'boolean', 'object', 'array', 'null'] },
    minimum: { type: 'number' },
    maximum: { type: 'number' },
    maxLength: { type: 'integer', minimum: 0 },
    required: { type: 'array', items: text },
    items: { $ref: '#/schema' },
    properties: map({ $ref: '#/schema' }),
    additionalProperties: { $ref: '#/schema' },
    oneOf: { type: 'array', items: { $ref: '#/schema' } },
  }),
};

describe('the OpenAPI description of the bridge', () => {
  const description = JSON.parse(JSON.stringify(openApi()));
  const schemas: object[] = [];
  const collect = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if ('schema' in value) schemas.push(value.schema as object);
    Object.values(value).forEach(collect);
  };
  collect(description);

  it('is OpenAPI 3.1', () => {
    assert.deepEqual(problemsOf(description, rules.document, rules), []);
  });

  it('would not be with a property that OpenAPI does not have, or without a required one', () => {
    const wrong = { ...description, path: {}, info: { title: 'x' } };
    assert.deepEqual(problemsOf(wrong, rules.document, rules), ['$.info.version is missing', '$.path is not described']);
  });

  it('has every route with its methods, and no other', () => {
    const routes = { ...Object.fromEntries(Object.keys(commandRoutes).map((route) => [route, ['POST']])), ...otherRoutes };
    const described = Object.entries<object>(description.paths).map(([path, item]) => [
      path.slice(1),
      Object.keys(item).map((method) => method.toUpperCase()),
    ]);
    assert.deepEqual(Object.fromEntries(described), routes);
  });

  it('has schemas with known keywords, and defaults that fit them', () => {
    assert.ok(schemas.length > 100);
    const visit = (schema: Record<string, unknown>): void => {
      for (const keyword of Object.keys(schema)) assert.ok(keywords.includes(keyword), keyword);
      if (schema.default !== undefined) assert.deepEqual(problemsOf(schema.default, schema, description), [], JSON.stringify(schema));
      for (const each of Object.values((schema.properties as object) ?? {})) visit(each);
    };
    for (const schema of schemas) visit(schema as Record<string, unknown>);
  });
});
