import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';

export type Item = Record<string, unknown> & { id: string; type: string };

/** The part of the editor's own interface that the tests use; what they pass into the page runs there. */
declare const RED: {
  nodes: {
    node(id: string): (Item & { valid: boolean; validationErrors?: string[] }) | null;
    getType(type: string): unknown;
    createCompleteNodeSet(): Item[];
    dirty(): boolean;
  };
  view: { importNodes(nodes: Item[], options: object): void };
  workspaces: { show(id: unknown): void };
  editor: { edit(node: unknown): void; editConfig(name: string, type: string, id: string): void };
  sidebar: { show(tab: string): void; help: { show(type: string): void } };
};

/** A port that nobody uses at the moment. */
export const freePort = () =>
  new Promise<number>((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

const isConfig = (type: string) => type === 'ix-client' || type === 'ix-server';

/** A real browser with the editor of a real Node-RED in it. */
export class EditorPage {
  /** What the browser's console complained of. */
  readonly problems: string[] = [];

  private constructor(
    private readonly context: BrowserContext,
    readonly page: Page,
    private readonly profile: string,
    private readonly url: string,
  ) {
    page.on('pageerror', ({ message }) => this.problems.push(message));
    page.on('console', (message) => {
      // Node-RED logs, and does not throw, what goes wrong in a definition's functions.
      const wrong = message.type() === 'error' || /error/i.test(message.text());
      if (wrong) this.problems.push(message.text());
    });
  }

  static async open(url: string, locale = 'en-US'): Promise<EditorPage> {
    const profile = mkdtempSync(join(tmpdir(), 'ix-websocket-browser-'));
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      headless: true,
      locale,
      viewport: { width: 1400, height: 900 },
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
      ],
    });
    const page = context.pages()[0] ?? (await context.newPage());
    const editor = new EditorPage(context, page, profile, url);
    await editor.load();
    return editor;
  }

  /** Has the browser load the editor, with what Node-RED holds. */
  async load(): Promise<void> {
    await this.page.goto(this.url);
    await this.page.waitForFunction(() => 'RED' in globalThis && RED.nodes?.getType?.('ix-get-method'));
    await this.page.waitForSelector('.red-ui-palette-node[data-palette-type="ix-get-method"]', { state: 'attached' });
    // Its messages cover the flow.
    await this.page.addStyleTag({ content: '#red-ui-notifications { display: none !important }' });
  }

  async close(): Promise<void> {
    await this.context.close();
    rmSync(this.profile, { recursive: true, force: true });
  }

  async import(nodes: Item[]): Promise<void> {
    await this.page.evaluate((items) => RED.view.importNodes(items, { generateIds: false, addFlow: false }), nodes);
    const last = nodes.at(-1)?.id ?? '';
    await this.page.waitForFunction((id) => RED.nodes.node(id), last);
  }

  /** The nodes as the editor would deploy them now, but for credentials. What is not set is left out. */
  async nodes(): Promise<Record<string, Item>> {
    const all = await this.page.evaluate(() => RED.nodes.createCompleteNodeSet().map((node) => ({ ...node, credentials: undefined })));
    return Object.fromEntries(all.map((node) => [node.id, JSON.parse(JSON.stringify(node)) as Item]));
  }

  /** What Node-RED has to say against a node. */
  wrong = (id: string) =>
    this.page.evaluate((of) => {
      const node = RED.nodes.node(of);
      return node?.valid ? [] : (node?.validationErrors ?? ['?']);
    }, id);

  /** Opens a node's dialog, and does something in it; OK closes it. */
  async edit(id: string, type: string, change: (form: Form) => Promise<void> | void = () => {}): Promise<void> {
    await this.page.evaluate(
      ([id, type, config]) => {
        const node = RED.nodes.node(id);
        if (config) return RED.editor.editConfig('', type, id);
        RED.workspaces.show(node?.z);
        RED.editor.edit(node);
      },
      [id, type, isConfig(type)] as const,
    );
    const form = new Form(this.page, type);
    await form.element('name').waitFor({ state: 'visible' });
    // The dialog slides in; its buttons move until it stands.
    await this.page.waitForTimeout(400);
    await change(form);
    await this.page.click(isConfig(type) ? '#node-config-dialog-ok' : '#node-dialog-ok');
    await form.element('name').waitFor({ state: 'detached' });
    await this.page.waitForTimeout(300);
  }

  /** Opens the dialog of a config node, or with the id `_ADD_` of a new one, does something in it and cancels it. */
  async peek(id: string, type: string, look: (form: Form) => Promise<void>): Promise<void> {
    await this.page.evaluate(([id, type]) => RED.editor.editConfig('', type, id), [id, type] as const);
    const form = new Form(this.page, type);
    await form.element('name').waitFor({ state: 'visible' });
    await this.page.waitForTimeout(400);
    await look(form);
    await this.page.click('#node-config-dialog-cancel');
    await form.element('name').waitFor({ state: 'detached' });
    await this.page.waitForTimeout(300);
  }

  async deploy(): Promise<void> {
    const answer = this.page.waitForResponse((response) => response.url().endsWith('/flows') && response.request().method() === 'POST');
    await this.page.click('#red-ui-header-button-deploy');
    // Nodes that are not right, or not used, are asked about.
    const confirm = this.page.locator('.ui-dialog:visible .primary, .red-ui-notification .primary').first();
    const first = await Promise.race([answer, confirm.waitFor({ state: 'attached', timeout: 30_000 }).then(() => undefined)]);
    if (!first) await confirm.dispatchEvent('click');
    const { ok, status } = await answer.then((response) => ({ ok: response.ok(), status: response.status() }));
    if (!ok) throw new Error(`The deploy was answered ${status}.`);
  }

  /** What Node-RED holds. */
  async deployed(): Promise<Record<string, Item>> {
    const answer = await fetch(`${this.url}/flows`, { headers: { accept: 'application/json' } });
    return Object.fromEntries(((await answer.json()) as Item[]).map((node) => [node.id, node]));
  }

  async help(type: string): Promise<string> {
    await this.page.evaluate((of) => {
      RED.sidebar.show('help');
      RED.sidebar.help.show(of);
    }, type);
    return (await this.page.locator('.red-ui-sidebar-help-content, .red-ui-help').last().textContent()) ?? '';
  }
}

/** The dialog that is open. */
export class Form {
  private readonly prefix: string;

  constructor(
    readonly page: Page,
    private readonly type: string,
  ) {
    this.prefix = isConfig(type) ? 'node-config-input' : 'node-input';
  }

  element = (name: string) => this.page.locator(`#${this.prefix}-${name}`);
  row = (name: string) => this.page.locator(`.form-row[data-option="${name}"]`);

  async tab(section: string): Promise<void> {
    // Two clicks within 400 ms are a double click to Node-RED's tabs, and change nothing.
    await this.page.waitForTimeout(450);
    await this.page.click(`#${this.type}-tabs a[href="#${this.type}-tab-${section}"]`);
    await this.page.locator(`#${this.type}-tab-${section}`).waitFor({ state: 'visible' });
  }

  /** The names of the tabs that the form has. */
  async tabs(): Promise<string[]> {
    const links = await this.page.locator(`#${this.type}-tabs a[href^="#${this.type}-tab-"]`).all();
    const targets = await Promise.all(links.map((link) => link.getAttribute('href')));
    return targets.map((target) => target?.split('-tab-')[1] ?? '');
  }

  /** Shows the rare options of the tab that is in view. */
  async unfold(): Promise<void> {
    const fold = this.page.locator('.ix-form .ix-more:visible');
    if ((await fold.getAttribute('open')) === null) await fold.locator('summary').click();
  }

  /** Types into a field. */
  async fill(name: string, text: string): Promise<void> {
    await this.element(name).fill(text);
    await this.element(name).dispatchEvent('change');
  }

  /** What is said when the pointer rests on a field. */
  async tooltip(name: string): Promise<string> {
    await this.element(name).hover();
    const popover = this.page.locator('.red-ui-popover');
    await popover.waitFor({ state: 'visible' });
    return (await popover.textContent())?.trim() ?? '';
  }

  useEnvironment = (name: string) => this.row(name).locator('.ix-env').click();
}
