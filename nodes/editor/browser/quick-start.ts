import { type Address, addressOf, isLoopback, originsFor, type Place, type Start, scriptOf, starts } from '../quick-start';
import { asText } from '../values';
import { current, inputOf } from './open-form';
import { qrCode } from './qr-code';
import { word } from './translate';
import type { Widget } from './widgets';

const labels: Readonly<Record<Start, string>> = {
  machine: 'quick.machine',
  network: 'quick.network',
  nodeRed: 'quick.nodeRed',
  page: 'quick.page',
};

/** The longest URL that gets a QR code. */
const longestCode = 300;

/** Adds the quick start to the form of a new server: choices that set its options, and how to connect to it. */
export function offerQuickStart(node: EditedNode, form: JQuery, widgets: readonly { name: string; widget: Widget }[]): void {
  if (node.type !== 'ix-server' || RED.nodes.node(node.id)) return;
  const set = (name: string, value: unknown) => {
    widgets.find((one) => one.name === name)?.widget.show(value);
    inputOf(node.type, name).trigger('change');
  };
  const parts = panel();
  let chosen: Start | undefined;
  const address = () => addressOf(listening(node), place());
  const follow = () => {
    if (chosen) parts.show(address(), chosen);
  };
  const allowPage = () => {
    const text = asText(parts.page.val()).trim();
    const origins = originsFor(text, address()?.url ?? '');
    parts.page.toggleClass('input-error', origins === undefined && text !== '');
    set('allowedOrigins', origins ?? '');
  };
  for (const { start, chip } of parts.chips) {
    chip.on('click', () => {
      chosen = start;
      for (const other of parts.chips) other.chip.attr('aria-pressed', String(other.start === start));
      for (const [name, value] of Object.entries(starts[start])) set(name, value);
      if (start === 'page') allowPage();
      follow();
    });
  }
  parts.page.on('change keyup paste input', () => setTimeout(allowPage, 0));
  parts.row.insertAfter(inputOf(node.type, 'name').closest('.form-row'));
  // Clicks and the deployed values of widgets also change the address.
  form.on('change keyup input', follow);
}

/** Returns the options of the form that decide the URL. */
function listening(node: EditedNode) {
  const text = (name: string) => asText(current(node, name));
  const tls = text('tls') === 'true' || text('tlsConfig') !== '';
  return { listenOn: text('listenOn'), host: text('host'), port: text('port') || '8080', path: text('path'), tls };
}

function place(): Place {
  const { protocol, host, hostname } = location;
  return { protocol, host, hostname, httpNodeRoot: RED.settings.httpNodeRoot ?? '/', machine: RED.settings.ixServerAddress ?? '' };
}

interface Panel {
  readonly row: JQuery;
  readonly chips: readonly { readonly start: Start; readonly chip: JQuery }[];
  /** The field for the address of the web page. */
  readonly page: JQuery;
  show(address: Address | undefined, start: Start): void;
}

function panel(): Panel {
  const row = $('<div class="form-row ix-quick"></div>');
  const group = $('<div class="ix-chips" role="group"></div>').attr('aria-label', word('quick.label'));
  const chips = (Object.keys(starts) as Start[]).map((start) => {
    const chip = $('<button type="button" class="red-ui-button ix-chip" aria-pressed="false"></button>').text(word(labels[start]));
    return { start, chip: chip.appendTo(group) };
  });
  const label = $('<label><i class="fa fa-magic" aria-hidden="true"></i> </label>').append($('<span></span>').text(word('quick.label')));
  const page = $('<input type="text" class="ix-control" spellcheck="false">').attr({
    placeholder: 'https://www.example.com',
    'aria-label': word('quick.origin'),
  });
  const pageLine = $('<label class="ix-quick-line"></label>')
    .append($('<span></span>').text(word('quick.origin')), page)
    .hide();
  const result = $('<div class="ix-quick-result" role="status" aria-live="polite"></div>');
  row.append(label, $('<div class="ix-column"></div>').append(group, pageLine, result));
  let shown = '';
  return {
    row,
    chips,
    page,
    show(address, start) {
      pageLine.toggle(start === 'page');
      const state = JSON.stringify([address, start]);
      if (state === shown) return;
      shown = state;
      result.empty().append(address ? connection(address, start) : line(word('quick.noPort')));
    },
  };
}

/** Returns the URL, a line of JavaScript and the QR code, and what to consider. */
function connection({ url, isLocal }: Address, start: Start): JQuery[] {
  const isBlocked = location.protocol === 'https:' && url.startsWith('ws:') && !isLocal;
  const parts = [copied(word('quick.url'), url), copied('JavaScript', scriptOf(url))];
  if (start !== 'machine' && isLocal) parts.push(line(word(isLoopback(location.hostname) ? 'quick.openedLocally' : 'quick.onlyLocal')));
  if (start === 'network' && !isLocal) parts.push(line(word('quick.everyone')));
  if (isBlocked) parts.push(line(word('quick.blocked')));
  if (!isLocal && url.length <= longestCode) parts.push($('<div class="ix-qr"></div>').append(qrCode(url, word('quick.code', { url }))));
  return parts;
}

const line = (text: string) => $('<div></div>').text(text);

/** Returns a text with a button that copies it. */
function copied(name: string, text: string): JQuery {
  const button = $(
    '<button type="button" class="red-ui-button red-ui-button-small"><i class="fa fa-clipboard" aria-hidden="true"></i></button>',
  );
  button.attr({ title: word('quick.copy'), 'aria-label': `${word('quick.copy')}: ${name}` });
  button.on('click', () => void RED.clipboard.copyText(text, button, 'clipboard.copyMessageValue'));
  const code = $('<code></code>').text(text);
  return $('<div class="ix-quick-line"></div>').append($('<span></span>').text(name), code, button);
}
