import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';

export type Item = Record<string, unknown> & { id: string; type: string };

/** The part of the editor's interface that the tests use. Functions passed to the page run there. */
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

/** Returns a free port. */
export const freePort = () =>
  new Promise<number>((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

const isConfig = (type: string) => /^ix-(client|server|protocol)$/.test(type);

/** A real browser that shows the editor of a real Node-RED. */
export class EditorPage {
  /** Errors and warnings of the browser's console. */
  readonly problems: string[] = [];

  private constructor(
    private readonly context: BrowserContext,
    readonly page: Page,
    private readonly profile: string,
    private readonly url: string,
  ) {
    page.on('pageerror', ({ message }) => this.problems.push(message));
    page.on('console', (message) => {
      // Node-RED logs errors in a definition's functions and does not throw them.
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

  /** Loads the editor with the deployed flows. */
  async load(): Promise<void> {
    await this.page.goto(this.url);
    await this.page.waitForFunction(() => 'RED' in globalThis && RED.nodes?.getType?.('ix-get-method'));
    await this.page.waitForSelector('.red-ui-palette-node[data-palette-type="ix-get-method"]', { state: 'attached' });
    // Its notifications cover the flow.
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

  /** Returns the nodes as the editor would deploy them now, without credentials and unset properties. */
  async nodes(): Promise<Record<string, Item>> {
    const all = await this.page.evaluate(() => RED.nodes.createCompleteNodeSet().map((node) => ({ ...node, credentials: undefined })));
    return Object.fromEntries(all.map((node) => [node.id, JSON.parse(JSON.stringify(node)) as Item]));
  }

  /** Returns Node-RED's validation errors of a node. */
  wrong = (id: string) =>
    this.page.evaluate((of) => {
      const node = RED.nodes.node(of);
      return node?.valid ? [] : (node?.validationErrors ?? ['?']);
    }, id);

  /** Opens a node's dialog, runs an action in it, and closes it with OK. */
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
    // The dialog slides in, and its buttons move until it is in place.
    await this.page.waitForTimeout(400);
    await change(form);
    await this.page.click(isConfig(type) ? '#node-config-dialog-ok' : '#node-dialog-ok');
    await form.element('name').waitFor({ state: 'detached' });
    await this.page.waitForTimeout(300);
  }

  /** Opens the dialog of a config node, or of a new one with the id `_ADD_`, runs an action in it and cancels it. */
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
    // The editor asks for confirmation if nodes are invalid or unused.
    const confirm = this.page.locator('.ui-dialog:visible .primary, .red-ui-notification .primary').first();
    const first = await Promise.race([answer, confirm.waitFor({ state: 'attached', timeout: 30_000 }).then(() => undefined)]);
    if (!first) await confirm.dispatchEvent('click');
    const { ok, status } = await answer.then((response) => ({ ok: response.ok(), status: response.status() }));
    if (!ok) throw new Error(`The deploy was answered ${status}.`);
  }

  /** Returns the deployed flows. */
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

/** Returns the open dialog. */
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
    // Two clicks within 400 ms are a double click on Node-RED's tabs, which has no effect.
    await this.page.waitForTimeout(450);
    await this.page.click(`#${this.type}-tabs a[href="#${this.type}-tab-${section}"]`);
    await this.page.locator(`#${this.type}-tab-${section}`).waitFor({ state: 'visible' });
  }

  /** Returns the names of the form's tabs. */
  async tabs(): Promise<string[]> {
    const links = await this.page.locator(`#${this.type}-tabs a[href^="#${this.type}-tab-"]`).all();
    const targets = await Promise.all(links.map((link) => link.getAttribute('href')));
    return targets.map((target) => target?.split('-tab-')[1] ?? '');
  }

  /** Shows the rare options of the current tab. */
  async unfold(): Promise<void> {
    const fold = this.page.locator('.ix-form .ix-more:visible');
    if ((await fold.getAttribute('open')) === null) await fold.locator('summary').click();
  }

  /** Types into a field. */
  async fill(name: string, text: string): Promise<void> {
    await this.element(name).fill(text);
    await this.element(name).dispatchEvent('change');
  }

  /** Returns the tooltip of a field. */
  async tooltip(name: string): Promise<string> {
    await this.element(name).hover();
    const popover = this.page.locator('.red-ui-popover');
    await popover.waitFor({ state: 'visible' });
    return (await popover.textContent())?.trim() ?? '';
  }

  useEnvironment = (name: string) => this.row(name).locator('.ix-env').click();
}
