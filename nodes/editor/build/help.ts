/** Build side: the help of each type, in the markup of Node-RED's own help. */
import { type Command, errorCodes, eventNames } from '../../../src/index';
import type { Section } from '../../../src/options/field';
import { sections } from '../../../src/options/field';
import type { Kind } from '../../../src/options/kinds';
import type { CatalogRow, CommandRow, EventsRow, HookRow, NodeType } from '../../catalog';
import { nodeTypes } from '../../settings';
import { type Property, propertiesOf, shownProperties } from '../properties';
import { examples } from './help-examples';
import { connectionOutputs, connectionRefOutputs, eventOutputs, helpWords, inputKey, type Output, outputsOf } from './help-words';
import { escaped, lines } from './html';

/** Returns a text by its key, in the language of the page. */
type Text = (key: string) => string;

/** Node-RED's names of the types that the declarations use. */
const types: Readonly<Record<string, string>> = { text: 'string', list: 'array', Buffer: 'buffer' };
const kinds: { readonly [K in Kind]?: string } = {
  number: 'number',
  boolean: 'boolean',
  headers: 'object',
  subProtocols: 'array',
  deflate: 'object',
  ...nodeTypes,
  addressFamily: 'number | string',
  closeCode: 'number',
  names: 'string | array',
  origins: 'array',
  networks: 'array',
  json: 'object | array',
  secrets: 'object',
};

/** Returns the help of a type, between its script tags. */
export function help(type: string, row: CatalogRow, text: Text, homepage: string): string {
  const page = new Page(type, text);
  const body = bodyOf(page, row);
  return lines(
    `<script type="text/html" data-help-name="${type}">`,
    `<p>${page.plain(`summaries.${type}`)}</p>`,
    body,
    page.heading('references'),
    '<ul>',
    `<li><a href="${homepage.replace(/#.*/, '')}/blob/HEAD/docs/${isOptions(row) ? 'options' : 'nodes'}.md">${page.plain('references.readme')}</a></li>`,
    (row.kind === 'config' || row.kind === 'events') &&
      `<li><a href="https://www.rfc-editor.org/rfc/rfc6455">RFC 6455</a>: ${page.plain('references.websocket')}</li>`,
    row.kind === 'config' && `<li><a href="https://www.rfc-editor.org/rfc/rfc7692">RFC 7692</a>: ${page.plain('references.deflate')}</li>`,
    '</ul>',
    '</script>',
  );
}

/** Returns whether the help lists options, which the documentation explains in full. */
const isOptions = (row: CatalogRow) => row.kind === 'config' || row.kind === 'hook';

/** Returns the first sentence of a text. */
const firstSentence = (text: string) => /^.*?(?:[。]|\.(?=\s+[^a-z\d(])|$)/su.exec(text)?.[0] ?? text;

function bodyOf(page: Page, row: CatalogRow): string {
  switch (row.kind) {
    case 'config':
    case 'protocol':
      return page.config();
    case 'command':
      return page.command(row);
    case 'events':
      return page.events(row);
    case 'bridge':
      return page.bridge();
    case 'hook':
      return page.hook(row);
  }
}

class Page {
  constructor(
    private readonly type: string,
    private readonly text: Text,
  ) {}

  /** Returns a declaration's plain text as HTML. */
  plain = (key: string) => escaped(this.text(key));
  heading = (key: string) => `<h3>${this.text(`headings.${key}`)}</h3>`;
  private paragraph = (key: string) => `<p>${this.text(key)}</p>`;
  private list = (...entries: readonly string[]) => lines('<dl class="message-properties">', entries, '</dl>');
  private entry = (name: string, type: string, words: string, optional = false) =>
    `<dt${optional ? ' class="optional"' : ''}>${name}${type && ` <span class="property-type">${this.kind(type)}</span>`}</dt><dd>${words}</dd>`;
  /** Returns types of values in the language of the page. A node type is a name and stays unchanged. */
  private kind = (type: string) => type.replace(/[\w-]+/g, (word) => (word in helpWords.kinds ? this.plain(`kinds.${word}`) : word));

  /** Returns the example of the node: values of a form, or messages. They are the same in every language. */
  private example = () => lines(this.heading('example'), `<pre>${escaped(examples[this.type as NodeType])}</pre>`);

  /** Returns the options by section, each with one sentence. */
  private sectioned(): string {
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

  hook({ outputs }: HookRow): string {
    const [answer, undelivered] = outputs;
    return lines(
      this.heading('inputs'),
      this.list(
        this.entry('payload', '', this.text('hook.payload')),
        this.entry('type', 'number', this.text('hook.type')),
        this.entry('socket', 'number', this.text('outputs.socket')),
      ),
      this.heading('outputs'),
      '<ol class="node-ports">',
      `<li>${this.plain(`ports.${answer}`)}`,
      this.list(
        this.entry('payload', '', this.text('hook.answer')),
        this.entry('http_status', 'number', this.text('hook.status')),
        this.entry('actions', 'array', this.text('hook.statuses')),
        this.entry('details', 'object | array', this.text('hook.details')),
      ),
      '</li>',
      `<li>${this.plain(`ports.${undelivered}`)}`,
      this.list(
        this.entry('payload', '', this.text('hook.undelivered')),
        this.entry('errorStr', 'string', this.text('hook.errorStr')),
        this.entry('http_status', 'number', this.text('hook.status')),
      ),
      '</li>',
      '</ol>',
      this.heading('details'),
      ['hook.order', 'hook.actions', 'hook.queue', 'hook.repeats', 'config.environment'].map(this.paragraph),
      this.example(),
      this.sectioned(),
    );
  }

  bridge(): string {
    return lines(
      this.heading('outputs'),
      this.list(
        this.entry('payload', 'object', this.text('bridge.payload')),
        this.entry('topic', 'string', this.text('bridge.topic')),
        this.entry('owner', 'string', this.text('bridge.owner')),
        this.entry('id', 'number', this.text('bridge.id')),
      ),
      this.heading('details'),
      ['bridge.calls', 'bridge.events'].map(this.paragraph),
      this.example(),
      this.sectioned(),
    );
  }

  config(): string {
    return lines(
      this.heading('details'),
      ['config.lifetime', 'config.message', 'config.environment'].map(this.paragraph),
      this.example(),
      this.sectioned(),
    );
  }

  command(row: CommandRow): string {
    return lines(
      this.heading('inputs'),
      this.list(...this.inputs(row)),
      this.heading('outputs'),
      this.list(...this.outputs(row)),
      'connections' in row.command.outputs &&
        this.list(...connectionOutputs.map((output) => this.output({ ...output, name: `payload.connections[].${output.name}` }))),
      this.heading('details'),
      row.command.creates && this.paragraph('command.create'),
      this.paragraph('command.failures'),
      this.paragraph('command.others'),
      this.example(),
      this.properties(),
    );
  }

  events({ side, outputs }: EventsRow): string {
    const ref = side === 'server' ? connectionRefOutputs : [];
    const port = (event: (typeof eventNames)[number]) => {
      const own = eventOutputs(event);
      const more = ref.filter(({ name }) => !own.some((output) => output.name === name));
      return lines(`<li>${this.plain(`ports.${event}`)}`, this.list(...[...own, ...more].map(this.payload)), '</li>');
    };
    return lines(
      this.heading('outputs'),
      '<ol class="node-ports">',
      eventNames.filter((name) => outputs.includes(name)).map(port),
      '</ol>',
      this.list(
        this.entry('event', 'string', this.text('outputs.event')),
        this.entry('socket', 'number', this.text('outputs.socket')),
        this.entry('method', 'string', this.text('outputs.method')),
        this.entry('details', 'object', this.text('outputs.details'), true),
      ),
      this.heading('details'),
      ['events.all', 'events.method', 'events.order'].map(this.paragraph),
      this.example(),
      this.properties(),
    );
  }

  private properties = () => lines(this.heading('properties'), this.list(...shownProperties(this.type).map(this.property)));

  /** Returns an option in one line. The documentation has its default, range and choices. */
  private option = ({ key, kind, name, field }: Property): string => {
    const unit = field.unit ? `, ${this.plain(`units.${field.unit}`)}` : '';
    const type = kind === 'choice' ? '' : (kinds[kind] ?? 'string');
    return this.entry(
      this.plain(`${key}.label`),
      `${type}${unit}`,
      `${escaped(firstSentence(this.text(`${key}.help`)))} <code>${name}</code>`,
    );
  };

  /** Returns a property of the node, with its name in messages. */
  private property = ({ key, kind, name, field, placeholder, placeholderKey }: Property): string => {
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

  private output = ({ name, type, words, key }: Output): string =>
    this.entry(
      name,
      type.replace(/\w+/g, (word) => types[word] ?? word),
      words && this.plain(key),
    );

  private payload = (output: Output): string => this.output({ ...output, name: `payload.${output.name}` });

  private inputs({ side, command }: CommandRow): readonly string[] {
    const { text } = this;
    if (!side) return this.methodInputs(command);
    const isSend = command.sends === true;
    const options = Object.entries(command.fields).filter(([, { section, credential, formOnly }]) => section && !credential && !formOnly);
    const names = options.map(([name]) => `<code>${name}</code>`).join(', ');
    const config = `<code>${this.plain(`types.ix-${side}.label`)}</code>`;
    return lines(
      this.entry('payload', isSend ? 'string | buffer | object' : 'object', text(isSend ? 'inputs.bare' : 'inputs.payload'), !isSend),
      this.entry('payload.id', 'number', text(command.creates ? 'inputs.idOfCreate' : 'inputs.id'), true),
      isSend && this.entry('payload.message', 'string | buffer | object', text('inputs.message')),
      Object.entries(command.fields)
        .filter(([, { section }]) => !section)
        .map(([name, field]) =>
          this.entry(`payload.${name}`, kinds[field.kind] ?? 'string', `${this.plain(inputKey(command, name))}${this.preset(field)}`, true),
        ),
      names && this.entry('payload.…', '', text('inputs.options').replace('__config__', config).replace('__names__', names), true),
      this.entry('socket', 'number', text('inputs.socket'), true),
    ).split('\n');
  }

  private preset({ default: value }: { readonly default?: unknown }): string {
    return value === undefined ? '' : ` ${this.text('config.default').replace('__value__', `<code>${escaped(String(value))}</code>`)}`;
  }

  private methodInputs({ fields }: Command): readonly string[] {
    if (!fields.method) return [this.entry('payload', '', this.text('inputs.nothing'))];
    return [
      this.entry('payload', 'string | object', this.text('inputs.name')),
      this.entry('payload.method', 'string', this.plain('inputs.method'), true),
    ];
  }

  private codes = () =>
    `<ul>${Object.keys(errorCodes)
      .map((code) => `<li><code>${code}</code>: ${this.plain(`codes.${code}`)}</li>`)
      .join('')}</ul>`;

  private outputs({ side }: CommandRow): readonly string[] {
    const outputs = outputsOf(this.type);
    if (!side) return outputs.map(this.output);
    return [
      this.entry('payload', 'object', this.text('outputs.payload')),
      ...outputs.map(this.payload),
      this.entry('payload.errorCode', 'string', `${this.text('outputs.errorCode')}${this.codes()}`, true),
      this.entry('socket', 'number', this.text('outputs.socket')),
    ];
  }
}
