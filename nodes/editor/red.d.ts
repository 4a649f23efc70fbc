/** The part of the editor that the forms use. */
declare const RED: {
  nodes: {
    /** Returns the node or config node of a flow, but not one that is being added. */
    node(id: string): unknown;
    eachConfig(take: (config: EditedNode) => void): void;
    getType(type: string): { _(key: string, values?: Record<string, string | number>): string };
  };
  /** Returns a text of Node-RED's own catalogue. */
  _(key: string, values?: Record<string, string>): string;
  utils?: {
    /** Returns true, or what is wrong; false in older versions. */
    validateTypedProperty?(value: string, type: string, options: { label: string }): boolean | string;
  };
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

/** The part of Node's types that src/core/errors.ts uses. The editor has no Node types. */
declare namespace NodeJS {
  interface ErrnoException extends Error {
    code?: string;
  }
}
