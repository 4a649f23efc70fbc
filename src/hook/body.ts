import { textIn } from './charset';

/** The bytes of a reply in one buffer. A Buffer of its own for each chunk takes 100 bytes more, and a chunk may have one byte. */
export class Body {
  length = 0;
  private bytes = Buffer.alloc(0);

  add(chunk: Buffer): void {
    const needed = this.length + chunk.length;
    if (needed > this.bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.bytes.length));
      this.bytes.copy(larger, 0, 0, this.length);
      this.bytes = larger;
    }
    chunk.copy(this.bytes, this.length);
    this.length = needed;
  }

  /** Returns the text in the charset of a content type. */
  text(contentType?: string): string {
    return textIn(this.bytes.subarray(0, this.length), contentType);
  }
}
