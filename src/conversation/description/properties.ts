/** The properties of a protocol description, as `ix-protocol` stores them (contract-2, section 10). */
export const protocolProperties = [
  'name',
  'preset',
  'description',
  'link',
  'versions',
  'format',
  'separator',
  'subProtocols',
  'onOpen',
  'answers',
  'heartbeat',
  'rpc',
  'secrets',
] as const;

/** Returns the first property of a description that a protocol does not have. A misspelt one would otherwise do nothing. */
export const findUnknownProperty = (description: object): string | undefined => findUnknown(description, protocolProperties);

/** Returns the first property of an object that is not in a list of names. */
export const findUnknown = (object: object, names: readonly string[]): string | undefined =>
  Object.keys(object).find((name) => !names.includes(name));
