/** The part of JSON Schema (2020-12) that OpenAPI descriptions of this package use. An unknown keyword is a problem. */

// biome-ignore lint/suspicious/noExplicitAny: a schema is any JSON.
type Json = any;

const typeOf = (value: Json): string => {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return Number.isInteger(value) ? 'integer' : typeof value;
};

const annotations = new Set(['description', 'default', 'format', 'summary', 'title']);

type Check = (value: Json, wanted: Json, schema: Json, root: Json, place: string) => string[];
const isObject = (value: Json) => typeOf(value) === 'object';
const checks: Readonly<Record<string, Check>> = {
  $ref: (value, ref, _, root, place) => problemsOf(value, resolve(ref, root), root, place),
  type: (value, wanted, _schema, _root, place) => {
    const type = typeOf(value);
    return type === wanted || (wanted === 'number' && type === 'integer') ? [] : [`${place} is ${type}, not ${wanted}`];
  },
  const: (value, wanted, _schema, _root, place) => (value === wanted ? [] : [`${place} is not ${JSON.stringify(wanted)}`]),
  enum: (value, list, _schema, _root, place) => (list.includes(value) ? [] : [`${place} is none of ${list.join()}`]),
  minimum: (value, min, _schema, _root, place) => (typeof value === 'number' && value < min ? [`${place} is below ${min}`] : []),
  maximum: (value, max, _schema, _root, place) => (typeof value === 'number' && value > max ? [`${place} is above ${max}`] : []),
  maxLength: (value, max, _schema, _root, place) =>
    typeof value === 'string' && value.length > max ? [`${place} is longer than ${max}`] : [],
  pattern: (value, pattern, _schema, _root, place) =>
    typeof value === 'string' && !new RegExp(pattern).test(value) ? [`${place} does not match ${pattern}`] : [],
  items: (value, items, _schema, root, place) =>
    Array.isArray(value) ? value.flatMap((each, at) => problemsOf(each, items, root, `${place}[${at}]`)) : [],
  required: (value, names, _schema, _root, place) =>
    isObject(value) ? names.filter((name: string) => !Object.hasOwn(value, name)).map((name: string) => `${place}.${name} is missing`) : [],
  properties: (value, properties, _schema, root, place) =>
    isObject(value)
      ? Object.entries(properties).flatMap(([name, schema]) =>
          Object.hasOwn(value, name) ? problemsOf(value[name], schema, root, `${place}.${name}`) : [],
        )
      : [],
  additionalProperties: (value, rest, { properties = {} }, root, place) => {
    if (!isObject(value)) return [];
    const names = Object.keys(value).filter((name) => !Object.hasOwn(properties, name));
    if (rest === false) return names.map((name) => `${place}.${name} is not described`);
    return names.flatMap((name) => problemsOf(value[name], rest, root, `${place}.${name}`));
  },
  oneOf: (value, schemas, _schema, root, place) => {
    const fitting = schemas.filter((each: Json) => problemsOf(value, each, root, place).length === 0).length;
    return fitting === 1 ? [] : [`${place} fits ${fitting} of ${schemas.length} schemas`];
  },
};

/** Returns what a value violates in a schema. @param root the document that `$ref` refers to. */
export function problemsOf(value: Json, schema: Json, root: Json, place = '$'): string[] {
  return Object.entries(schema).flatMap(([keyword, wanted]) => {
    if (annotations.has(keyword)) return [];
    return checks[keyword]?.(value, wanted, schema, root, place) ?? [`${place}: unknown keyword ${keyword}`];
  });
}

/** Returns the part of a document that a `$ref` names. */
function resolve(ref: string, root: Json): Json {
  const found = ref
    .slice('#/'.length)
    .split('/')
    .reduce((part, name) => part?.[name], root);
  if (found === undefined) throw new Error(`${ref} refers to nothing`);
  return found;
}

/** The keywords of schemas that {@link problemsOf} knows. */
export const keywords: readonly string[] = [...Object.keys(checks), ...annotations];
