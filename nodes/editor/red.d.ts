/** The part of the editor that the forms use. */
declare const RED: {
  nodes: {
    /** Returns the node or config node of a flow, but not one that is being added. */
    node(id: string): unknown;
    eachConfig(take: (config: EditedNode) => void): void;
    eachNode(take: (node: EditorNode) => void): void;
    /** Returns a flow, or undefined. */
    workspace(id: string): { readonly locked?: boolean } | undefined;
    subflow(id: string): { readonly locked?: boolean } | undefined;
    group(id: string): { readonly nodes: EditorNode[] } | undefined;
    /** Returns the flows as a deploy would send them. */
    createCompleteNodeSet(options: { credentials: boolean }): EditedNode[];
    eachLink(take: (link: Link) => void): void;
    removeLink(link: Link): void;
    remove(id: string): void;
    addLink(link: Link): void;
    import(items: readonly object[], options: { reimport: boolean; markChanged: boolean; applyNodeDefaults: boolean }): void;
    dirty(isDirty?: boolean): boolean;
    getType(type: string): { _(key: string, values?: Record<string, string | number>): string };
  };
  /** Returns a text of Node-RED's own catalogue. */
  _(key: string, values?: Record<string, string>): string;
  utils: {
    getNodeLabel(node: unknown, otherwise: string): string;
    /** Returns a value as the debug sidebar shows it. */
    createObjectElement(value: unknown, options: object): JQuery;
    /** Returns true, or what is wrong; false in older versions. */
    validateTypedProperty?(value: string, type: string, options: { label: string }): boolean | string;
  };
  actions: { add(name: string, run: () => void, options: { label: string }): void; remove(name: string): void };
  menu: { addItem(menu: string, item: { id: string; label: string; onselect: string }): void; removeItem(id: string): void };
  history: { push(event: object): void };
  sidebar: {
    addTab(tab: object): void;
    removeTab(id: string): void;
    containsTab(id: string): boolean;
    show(id: string): void;
  };
  editor: { editConfig(name: string, type: string, id: string): void };
  clipboard: { copyText(text: string, element: JQuery, message: string): boolean };
  view: {
    reveal(id: string): void;
    importNodes(nodes: readonly object[], options: object): void;
    selection(): { nodes?: EditorNode[]; flows?: { readonly id: string }[] };
    redraw(all: boolean): void;
  };
  group: { markDirty(group: object): void };
  settings: {
    readonly ixServerCoreVerifyClient?: boolean;
    readonly ixServerAddress?: string;
    readonly httpNodeRoot?: string;
    readonly apiRootUrl?: string;
    /** Returns a setting of the user. */
    get(key: string): unknown;
    set(key: string, value: unknown): void;
    /** Returns a setting of `editorTheme`. */
    theme(key: string, otherwise: unknown): unknown;
  };
  tourGuide: { run(url: string, done: (error: unknown) => void): void };
  clipboard: { copyText(text: string, beside: JQuery, messageKey: string): boolean };
  notify(content: JQuery | string, options: object | string): { close(): void };
  i18n: { lang(): string };
  user: { hasPermission(permission: string): boolean };
  tabs: {
    create(options: { id: string; onchange(tab: { id: string }): void }): {
      addTab(tab: { id: string; label: string }): void;
      activateTab(id: string): void;
      resize(): void;
    };
  };
};

/** Node-RED's own widgets, as far as the forms use them. */
interface JQuery {
  editableList(options: object): JQuery;
  editableList(method: 'empty'): void;
  editableList(method: 'addItem', data: object): void;
  editableList(method: 'items'): JQuery;
  typedInput(options: { default: string; types: readonly (string | { value: string; label: string; hasValue: boolean })[] }): JQuery;
  typedInput(method: 'width', width: string): void;
  typedInput(method: 'type' | 'value'): string;
  typedInput(method: 'type' | 'value', value: string): void;
}

/** A node as the editor has it: its properties are read by name. */
interface EditedNode {
  [property: string]: unknown;
  readonly id: string;
  readonly type: string;
}

/** A node on the canvas: its own properties, and those that the editor adds. */
interface EditorNode extends EditedNode {
  /** The id of its group. */
  g?: string;
  readonly w?: number;
  readonly h?: number;
}

/** A wire. An end may be a port of a subflow. */
interface Link {
  readonly source: EditorNode;
  readonly sourcePort: number;
  readonly target: EditorNode;
}

/** The part of Node's types that src/core/errors.ts uses. The editor has no Node types. */
declare namespace NodeJS {
  interface ErrnoException extends Error {
    code?: string;
  }
}

/** The part of Node's Buffer that src/conversation uses. */
interface Buffer extends Uint8Array {
  toString(encoding?: string): string;
  subarray(start?: number, end?: number): Buffer;
}
declare var Buffer: { from(value: unknown): Buffer } | undefined;

/** The editor's own JSONata. */
declare function jsonata(expression: string): { evaluate(input: unknown, bindings: object): Promise<unknown> };

/** The presets of protocols by name. The build writes the files of src/presets here. */
declare const IX_PRESETS: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
