/** Returns a text of the catalogue, in the language of the editor. */
export const word = (key: string, values?: Record<string, string | number>): string =>
  RED.nodes.getType('ix-client')._(`ix-websocket.${key}`, values);
