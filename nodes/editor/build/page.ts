/** Build side: the page that the editor loads, the help in other languages, and the message catalogues. */
import { english, type Language, lookup, rows } from './catalogue';
import { definition } from './definition';
import { help } from './help';
import { lines } from './html';
import { template } from './template';

/** The input of the build: bundled files, and values of package.json. */
export interface Given {
  readonly script: string;
  readonly style: string;
  readonly homepage: string;
}

/** Returns the page: style, bundled script, forms, English help, and the registration of every type. */
export const page = ({ script, style, homepage }: Given): string =>
  `${lines(
    `<style>\n${style.trim()}\n</style>`,
    `<script type="text/javascript">\n${script.trim()}\n</script>`,
    rows.map(([type, row]) => template(type, row)),
    helpPage(english(), homepage),
    `<script type="text/javascript">\n${rows.map(([type, row]) => definition(type, row)).join('\n')}\nixWebSocket.addActions();\nixWebSocket.addSidebar();\nixWebSocket.addTour();\n</script>`,
  )}\n`;

/** Returns the help of every type in one language. */
export const helpPage = (language: Language, homepage: string, textOf = lookup): string =>
  `${lines(rows.map(([type, row]) => help(type, row, textOf(language), homepage)))}\n`;

/** Returns the message catalogue of a language under the name of the node set, as Node-RED requires. */
export const catalogue = ({ editor }: Language): string => `${JSON.stringify({ 'ix-websocket': editor }, null, 2)}\n`;

export { english, flat } from './catalogue';
