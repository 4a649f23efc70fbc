/** Escapes plain text for HTML. */
export const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
/** Escapes plain text for an attribute. */
export const attribute = (text: string) => escaped(text).replaceAll('"', '&quot;');
/** Joins lines, without the empty ones. */
export const lines = (...parts: readonly (string | false | undefined | readonly string[])[]): string =>
  parts
    .flat()
    .filter((part) => part)
    .join('\n');
