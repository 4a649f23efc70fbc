/** Build side: the parts of the help pages, in the markup of Node-RED's own help. */
import type { Section } from '../../../src/options/field';
import { sections } from '../../../src/options/field';
import type { Kind } from '../../../src/options/kinds';
import type { NodeType } from '../../catalog';
import { nodeTypes } from '../../settings';
import { type Property, propertiesOf, shownProperties } from '../properties';
import { examples } from './help-examples';
import { helpWords, type Output } from './help-words';
import { escaped, lines } from './html';

/** Returns a text by its key, in the language of the page. */
export type Text = (key: string) => string;

/** Node-RED's names of the types that the declarations use. */
const types: Readonly<Record<string, string>> = { text: 'string', list: 'array', Buffer: 'buffer' };
export const kinds: { readonly [K in Kind]?: string } = {
  number: 'number',
  boolean: 'boolean',
  headers: 'object',
  subProtocols: 'array',
  deflate: 'object',
  ...nodeTypes,
  addressFamily: 'number | string',
  closeCode: 'number',
  names: 'string | array',
  any: 'any',
  origins: 'array',
  networks: 'array',
  json: 'object | array',
  secrets: 'object',
};

/** Returns the first sentence of a text. */
const firstSentence = (text: string) => /^.*?(?:[。]|\.(?=\s+[^a-z\d(])|$)/su.exec(text)?.[0] ?? text;

/** The parts that all pages of the help are made of. */
export class HelpPage {
  constructor(
    protected readonly type: string,
    protected readonly text: Text,
  ) {}

  /** Returns a declaration's plain text as HTML. */
  plain = (key: string) => escaped(this.text(key));
  heading = (key: string) => `<h3>${this.text(`headings.${key}`)}</h3>`;
  protected paragraph = (key: string) => `<p>${this.text(key)}</p>`;
  protected list = (...entries: readonly string[]) => lines('<dl class="message-properties">', entries, '</dl>');
  protected entry = (name: string, type: string, words: string, optional = false) =>
    `<dt${optional ? ' class="optional"' : ''}>${name}${type && ` <span class="property-type">${this.kind(type)}</span>`}</dt><dd>${words}</dd>`;
  /** Returns types of values in the language of the page. A node type is a name and stays unchanged. */
  protected kind = (type: string) => type.replace(/[\w-]+/g, (word) => (word in helpWords.kinds ? this.plain(`kinds.${word}`) : word));

  /** Returns the example of the node: values of a form, or messages. They are the same in every language. */
  protected example = () => lines(this.heading('example'), `<pre>${escaped(examples[this.type as NodeType])}</pre>`);

  /** Returns the options by section, each with one sentence. */
  protected sectioned(): string {
    const properties = propertiesOf(this.type);
    const sectionOf = (section: Section | undefined) => properties.filter((property) => property.section === section);
    return lines(
      this.heading('properties'),
      this.list(...sectionOf(undefined).map(this.option)),
      sections
        .filter((section) => sectionOf(section).length > 0)
        .map((section) => lines(`<h4>${this.plain(`sections.${section}`)}</h4>`, this.list(...sectionOf(section).map(this.option)))),
    );
  }

  protected properties = () => lines(this.heading('properties'), this.list(...shownProperties(this.type).map(this.property)));

  /** Returns an option in one line. The documentation has its default, range and choices. */
  protected option = ({ key, kind, name, field }: Property): string => {
    const unit = field.unit ? `, ${this.plain(`units.${field.unit}`)}` : '';
    const type = kind === 'choice' ? '' : (kinds[kind] ?? 'string');
    return this.entry(
      this.plain(`${key}.label`),
      `${type}${unit}`,
      `${escaped(firstSentence(this.text(`${key}.help`)))} <code>${name}</code>`,
    );
  };

  /** Returns a property of the node, with its name in messages. */
  protected property = ({ key, kind, name, field, placeholder, placeholderKey }: Property): string => {
    const unit = field.unit && `, ${this.plain(`units.${field.unit}`)}`;
    const shown = placeholderKey ? this.plain(placeholderKey) : placeholder && `<code>${escaped(placeholder)}</code>`;
    const preset = shown ? this.text('config.default').replace('__value__', shown) : '';
    const listed =
      field.choices &&
      `<ul>${Object.keys(field.choices)
        .map((choice) => `<li>${this.plain(`${key}.choices.${choice}`)}</li>`)
        .join('')}</ul>`;
    const words = [this.plain(`${key}.help`), preset, `<code>${name}</code>`];
    const type = kind === 'choice' ? '' : (kinds[kind] ?? 'string');
    return this.entry(this.plain(`${key}.label`), `${type}${unit ?? ''}`, `${words.filter(Boolean).join(' ')}${listed ?? ''}`);
  };

  protected output = ({ name, type, words, key }: Output): string =>
    this.entry(
      name,
      type.replace(/\w+/g, (word) => types[word] ?? word),
      words && this.plain(key),
    );

  protected payload = (output: Output): string => this.output({ ...output, name: `payload.${output.name}` });
}
