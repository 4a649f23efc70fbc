/** Build side: the help of each type, in the markup of Node-RED's own help. */
import { type Command, errorCodes, eventNames } from '../../../src/index';
import type { CatalogRow, CommandRow, DeciderRow, EventsRow, HookRow } from '../../catalog';
import { HelpPage, kinds, type Text } from './help-page';
import { connectionOutputs, connectionRefOutputs, eventOutputs, inputKey, outputsOf } from './help-words';
import { escaped, lines } from './html';

/** Returns the help of a type, between its script tags. */
export function help(type: string, row: CatalogRow, text: Text, homepage: string): string {
  const page = new Page(type, text);
  const body = bodyOf(page, row);
  const docs = `${homepage.replace(/#.*/, '')}/blob/HEAD/docs`;
  return lines(
    `<script type="text/html" data-help-name="${type}">`,
    `<p>${page.plain(`summaries.${type}`)}</p>`,
    body,
    page.heading('references'),
    '<ul>',
    `<li><a href="${docs}/${isOptions(row) ? 'options' : 'nodes'}.md">${page.plain('references.readme')}</a></li>`,
    isAboutDecisions(row) && `<li><a href="${docs}/deciding-in-the-flow.md">${page.plain('references.deciding')}</a></li>`,
    (row.kind === 'config' || row.kind === 'events') &&
      `<li><a href="https://www.rfc-editor.org/rfc/rfc6455">RFC 6455</a>: ${page.plain('references.websocket')}</li>`,
    row.kind === 'config' && `<li><a href="https://www.rfc-editor.org/rfc/rfc7692">RFC 7692</a>: ${page.plain('references.deflate')}</li>`,
    '</ul>',
    '</script>',
  );
}

/** Returns whether the help lists options, which the documentation explains in full. */
const isOptions = (row: CatalogRow) => row.kind === 'config' || row.kind === 'hook';

const isAboutDecisions = (row: CatalogRow) => row.kind === 'decider' || (row.kind === 'command' && row.command.words === 'reply');

function bodyOf(page: Page, row: CatalogRow): string {
  switch (row.kind) {
    case 'config':
    case 'protocol':
      return page.config();
    case 'command':
      return page.command(row);
    case 'events':
      return page.events(row);
    case 'decider':
      return page.decider(row);
    case 'bridge':
      return page.bridge();
    case 'replay':
      return page.replay();
    case 'hook':
      return page.hook(row);
  }
}

class Page extends HelpPage {
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

  decider({ side }: DeciderRow): string {
    return lines(
      this.heading('outputs'),
      this.list(
        this.entry('ask', 'string', this.text('decider.ask')),
        this.entry('event', 'string', `<code>${side === 'client' ? 'Connect' : 'Upgrade'}</code>`),
        this.entry('payload', 'object', this.text(`decider.payload.${side}`)),
        this.entry('topic', 'string', this.text('decider.topic')),
        this.entry('socket', 'number', this.text('outputs.socket')),
      ),
      this.heading('details'),
      [`decider.answer.${side}`, 'decider.timeout'].map(this.paragraph),
      this.example(),
      this.properties(),
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

  replay(): string {
    const played = ['success', 'sent', 'failed', 'frames', 'rounds', 'stopped', 'errorStr'] as const;
    const types = { success: 'boolean', stopped: 'boolean', errorStr: 'string' } as Readonly<Record<string, string>>;
    return lines(
      this.heading('inputs'),
      this.list(
        this.entry('payload.recording', 'object | string', this.text('replay.recording'), true),
        this.entry('payload.direction, speed, loop', '', this.text('replay.options'), true),
        this.entry('payload.tag, client, uri', 'string | array', this.text('replay.receivers'), true),
        this.entry('payload.stop', 'boolean', this.text('replay.stop'), true),
      ),
      this.heading('outputs'),
      this.list(
        ...played.map((name) => this.entry(`payload.${name}`, types[name] ?? 'number', this.text(`replay.${name}`), name === 'errorStr')),
        this.entry('payload.errorCode', 'string', `${this.text('outputs.errorCode')}${this.codes()}`, true),
        this.entry('socket', 'number', this.text('outputs.socket')),
      ),
      this.heading('details'),
      ['replay.times', 'replay.format', 'replay.limits'].map(this.paragraph),
      this.example(),
      this.properties(),
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

  private inputs({ side, command }: CommandRow): readonly string[] {
    const { text } = this;
    if (command.words === 'reply') return this.replyInputs(command);
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

  private replyInputs(command: Command): readonly string[] {
    const fields = Object.entries(command.fields).map(([name, field]) =>
      this.entry(`payload.${name}`, kinds[field.kind] ?? 'string', this.plain(inputKey(command, name)), true),
    );
    return [this.entry('ask', 'string', this.text('decider.ask')), ...fields];
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
