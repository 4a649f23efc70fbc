import type { Rates } from '../../live/rates';
import { word } from '../translate';
import { element, iconButton, setLabel, setText } from './dom';
import { Graph } from './graph';
import type { Row } from './rows';

export interface TreeOwner {
  readonly rates: Rates;
  /** Shows or hides what is below a line. */
  fold(row: Row, isOpen: boolean): void;
  select(row: Row): void;
  /** Shows the node of a line in the flow. */
  reveal(row: Row): void;
  /** Shows other connections of a server. */
  page(server: number, offset: number): void;
}

interface Line {
  row: Row;
  readonly element: HTMLElement;
  readonly caret: HTMLElement;
  readonly dot: HTMLElement;
  readonly label: HTMLElement;
  readonly about: HTMLElement;
  readonly graph: Graph;
}

/** The connections of one page, as the runtime lists them. */
const pageSize = 200;

/** The tree of the sockets. Lines are kept between two answers, so the focus and the scroll position stay. */
export class Tree {
  readonly element = element('div', 'ix-live-tree');
  private readonly lines = new Map<string, Line>();
  private order: readonly Row[] = [];
  private focused = '';
  private selected = '';

  constructor(private readonly owner: TreeOwner) {
    this.element.setAttribute('role', 'tree');
    this.element.setAttribute('aria-label', word('live.tree'));
    this.element.addEventListener('keydown', (event) => this.onKey(event));
  }

  show(rows: readonly Row[], selected: string): void {
    this.order = rows;
    this.selected = selected;
    if (!rows.some(({ key }) => key === this.focused)) this.focused = rows[0]?.key ?? '';
    const keys = new Set(rows.map(({ key }) => key));
    for (const [key, line] of this.lines) {
      if (keys.has(key)) continue;
      line.element.remove();
      this.lines.delete(key);
    }
    rows.forEach((row, at) => {
      const line = this.lines.get(row.key) ?? this.create(row);
      this.update(line, row);
      const there = this.element.children[at];
      if (there !== line.element) this.element.insertBefore(line.element, there ?? null);
    });
  }

  /** Gives the focus to the current line. */
  focusLine(): void {
    this.lines.get(this.focused)?.element.focus();
  }

  private create(row: Row): Line {
    const caret = element('i', 'fa ix-live-caret');
    const dot = element('span', 'ix-live-dot');
    const label = element('span', 'ix-live-label');
    const about = element('span', 'ix-live-about');
    const graph = new Graph();
    const made = element('div', `ix-live-row ix-live-level-${row.level}`, caret, dot, element('span', 'ix-live-texts', label, about));
    if (row.target) made.append(graph.element);
    const line: Line = { row, element: made, caret, dot, label, about, graph };
    this.lines.set(row.key, line);
    if (row.pager) {
      made.replaceChildren(...this.pager(line));
      return line;
    }
    made.setAttribute('role', 'treeitem');
    made.setAttribute('aria-level', String(row.level));
    made.addEventListener('click', (event) => {
      this.focus(line.row);
      const isCaret = event.target === caret || !line.row.target;
      if (isCaret && line.row.isOpen !== undefined) this.owner.fold(line.row, !line.row.isOpen);
      else if (line.row.target) this.owner.select(line.row);
    });
    made.addEventListener('focus', () => this.mark(line));
    made.addEventListener('dblclick', () => this.owner.reveal(line.row));
    return line;
  }

  private pager(line: Line): HTMLElement[] {
    const go = (by: number) => () => {
      const { pager } = line.row;
      if (pager) this.owner.page(pager.server, Math.max(0, pager.offset + by));
    };
    const back = iconButton('angle-left', word('live.previous'), go(-pageSize));
    const on = iconButton('angle-right', word('live.next'), go(pageSize));
    return [back, line.about, on];
  }

  private update(line: Line, row: Row): void {
    line.row = row;
    const { element: place } = line;
    if (row.pager) {
      const { offset, count, total } = row.pager;
      setText(line.about, word('live.range', { from: count > 0 ? offset + 1 : 0, to: offset + count, total }));
      (place.firstElementChild as HTMLButtonElement).disabled = offset === 0;
      (place.lastElementChild as HTMLButtonElement).disabled = offset + count >= total;
      return;
    }
    setText(line.label, row.label);
    setText(line.about, row.about);
    line.about.hidden = row.about === '';
    setLabel(line.label, row.label);
    line.label.removeAttribute('aria-label');
    line.caret.className = `fa ix-live-caret ${row.isOpen === undefined ? '' : row.isOpen ? 'fa-angle-down' : 'fa-angle-right'}`;
    line.dot.className = row.dot ? `ix-live-dot ix-live-${row.dot}` : '';
    if (row.isOpen === undefined) place.removeAttribute('aria-expanded');
    else place.setAttribute('aria-expanded', String(row.isOpen));
    if (row.target) {
      place.setAttribute('aria-selected', String(row.key === this.selected));
      line.graph.show(this.owner.rates, row.key);
    }
    place.tabIndex = row.key === this.focused ? 0 : -1;
  }

  private focus(row: Row): void {
    this.lines.get(row.key)?.element.focus();
  }

  /** Makes a line the one that Tab reaches. */
  private mark(line: Line): void {
    const before = this.lines.get(this.focused);
    if (before) before.element.tabIndex = -1;
    this.focused = line.row.key;
    line.element.tabIndex = 0;
  }

  private onKey(event: KeyboardEvent): void {
    if (event.target !== this.lines.get(this.focused)?.element || event.ctrlKey || event.metaKey || event.altKey) return;
    const items = this.order.filter(({ pager }) => !pager);
    const at = items.findIndex(({ key }) => key === this.focused);
    const row = items[at];
    if (!row) return;
    const to = this.keyTarget(event.key, items, at);
    if (to) this.focus(to);
    else if (!this.keyAction(event.key, row)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** Returns the line that a key moves to. */
  private keyTarget(key: string, items: readonly Row[], at: number): Row | undefined {
    const row = items[at] as Row;
    switch (key) {
      case 'ArrowDown':
        return items[Math.min(at + 1, items.length - 1)];
      case 'ArrowUp':
        return items[Math.max(at - 1, 0)];
      case 'Home':
        return items[0];
      case 'End':
        return items[items.length - 1];
      case 'ArrowRight':
        // Its lines may not have come yet.
        return row.isOpen ? items.slice(at + 1, at + 2).find(({ level }) => level > row.level) : undefined;
      case 'ArrowLeft':
        return row.isOpen
          ? undefined
          : items
              .slice(0, at)
              .reverse()
              .find(({ level }) => level < row.level);
      default:
        return undefined;
    }
  }

  /** Does what a key does to a line. Returns whether the key has a meaning. */
  private keyAction(key: string, row: Row): boolean {
    if ((key === 'ArrowRight' && row.isOpen === false) || (key === 'ArrowLeft' && row.isOpen)) this.owner.fold(row, key === 'ArrowRight');
    else if ((key === 'Enter' || key === ' ') && row.target) this.owner.select(row);
    else if (key === 'Enter' || key === ' ') this.owner.fold(row, !row.isOpen);
    else return /^Arrow/.test(key);
    return true;
  }
}
