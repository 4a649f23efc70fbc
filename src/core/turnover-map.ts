interface Cell<V> {
  value: V | undefined;
}

/**
 * A Map whose values come and go quickly. After many deletions V8 copies the table of a `Map`, and the old table refers to the new one.
 * An old table in the old generation then keeps everything that later tables held alive until the next full garbage collection. Here a
 * table refers to cells only, and a deletion empties the cell. Keys are small, because a table keeps them.
 */
export class TurnoverMap<K extends string | number, V extends object> {
  private readonly cells = new Map<K, Cell<V>>();

  get size(): number {
    return this.cells.size;
  }

  get(key: K): V | undefined {
    return this.cells.get(key)?.value;
  }

  /** Adds a value. Its key must be new. */
  add(key: K, value: V): void {
    this.cells.set(key, { value });
  }

  /** @returns the value that was deleted. */
  delete(key: K): V | undefined {
    const cell = this.cells.get(key);
    if (!cell) return undefined;
    const { value } = cell;
    cell.value = undefined;
    this.cells.delete(key);
    return value;
  }

  /** Returns the values in the order of their addition. */
  values(): V[] {
    return Array.from(this.cells.values(), ({ value }) => value as V);
  }
}
