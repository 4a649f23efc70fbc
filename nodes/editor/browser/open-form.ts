import type { Widget } from './widgets/widget';

/** The open form of a node. */
interface Form {
  /** The value of each widget before a change. */
  readonly widgets: readonly { name: string; widget: Widget; before: string }[];
  /** Ends what must not outlive the form, such as a probe. */
  readonly end: () => void;
}
export const forms = new WeakMap<object, Form>();

const prefixOf = (type: string) => (['ix-client', 'ix-server', 'ix-protocol'].includes(type) ? 'node-config-input' : 'node-input');
export const inputOf = (type: string, name: string) => $(`#${prefixOf(type)}-${name}`);

/** Returns a property from the open form, otherwise from the node. */
export function current(node: EditedNode, name: string): unknown {
  const form = forms.get(node);
  if (!form) return node[name];
  const widget = form.widgets.find((one) => one.name === name)?.widget;
  if (widget) return widget.read();
  const chosen = inputOf(node.type, name).val();
  return chosen === '_ADD_' ? '' : chosen;
}
