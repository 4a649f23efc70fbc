import { word } from '../translate';

/** One row of a list, with its current value. */
export type Read<T> = () => T;

interface Item<T> {
  /** `undefined` in a row that was just added. */
  readonly given?: T;
  read?: Read<T>;
  removed?: boolean;
}

/** The parts of a list. */
export interface ListParts<T> {
  /** The text of the button that adds a row. */
  readonly add: string;
  readonly sortable?: boolean;
  /** Fills a row. @returns a function that reads it. */
  row(element: JQuery, given: T | undefined): Read<T>;
  changed(): void;
}

/** A list of rows that can be added, removed and moved, like Node-RED's other lists, by keyboard too. */
export function editableList<T>(element: JQuery, { add, sortable = false, row, changed }: ListParts<T>) {
  const list = $('<ol></ol>').appendTo(element);
  list.editableList({
    addButton: add,
    height: 'auto',
    removable: true,
    sortable,
    scrollOnAdd: false,
    sortItems: changed,
    addItem(content: JQuery, _index: number, item: Item<T>) {
      item.read = row(content.addClass('ix-row'), item.given);
      const line = content.closest('li');
      const title = word('form.remove');
      // Node-RED fades the row out before it reports the removal. By then the form may have been saved.
      line
        .find('.red-ui-editableList-item-remove')
        .attr({ role: 'button', title, 'aria-label': title })
        .on('click', () => {
          item.removed = true;
          changed();
        });
      if (sortable) followKeys(line, changed);
      if (item.given === undefined) setTimeout(() => content.find('input:visible').first().trigger('focus'), 0);
    },
  });
  return {
    show(given: readonly T[]) {
      list.editableList('empty');
      for (const one of given) list.editableList('addItem', { given: one });
    },
    read(): T[] {
      const items = list.editableList('items').get() as unknown as JQuery[];
      return items.flatMap((content) => {
        const item = content.data('data') as Item<T>;
        return item.removed || !item.read ? [] : [item.read()];
      });
    },
  };
}

/** Alt with an arrow moves the row that has the focus. */
function followKeys(line: JQuery, changed: () => void): void {
  line.find('.red-ui-editableList-item-handle').attr('title', word('form.move'));
  line.on('keydown', (event) => {
    const other = event.key === 'ArrowUp' ? line.prev() : event.key === 'ArrowDown' ? line.next() : undefined;
    if (!event.altKey || !other) return;
    event.preventDefault();
    if (event.key === 'ArrowUp') line.insertBefore(other);
    else line.insertAfter(other);
    $(event.target).trigger('focus');
    changed();
  });
}
