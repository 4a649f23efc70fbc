/** Plain text inside HTML. */
export const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
/** Plain text inside an attribute. */
export const attribute = (text: string) => escaped(text).replaceAll('"', '&quot;');
/** Lines, with those left out that are empty. */
export const lines = (...parts: readonly (string | false | undefined | readonly string[])[]): string =>
  parts
    .flat()
    .filter((part) => part)
    .join('\n');
