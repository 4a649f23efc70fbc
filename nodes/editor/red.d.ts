/** The part of the editor that the forms use. */
declare const RED: {
  nodes: {
    getType(type: string): { _(key: string, values?: Record<string, string | number>): string };
  };
  tabs: {
    create(options: { id: string; onchange(tab: { id: string }): void }): {
      addTab(tab: { id: string; label: string }): void;
      resize(): void;
    };
  };
};

/** A node as the editor has it: its properties are read by name. */
interface EditedNode {
  [property: string]: unknown;
  readonly id: string;
  readonly type: string;
}

/** What src/errors.ts wants of Node's types; here are none. */
declare namespace NodeJS {
  interface ErrnoException extends Error {
    code?: string;
  }
}
