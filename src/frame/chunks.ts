type Values = ArrayBufferView & { readonly length: number; readonly BYTES_PER_ELEMENT: number };

const smallest = 1024;
const largest = 65_536;

/**
 * Values that grow by pieces, so that growing copies nothing. `join` puts the pieces together and
 * gives each one's memory back at once: at most one column is held twice.
 */
export class Chunks<Array extends Values> {
  /** The piece that is being written; `used` of it is. */
  chunk: Array;
  used = 0;
  readonly #allocate: (length: number) => Array;
  #full: ArrayBuffer[] = [];
  #before = 0;

  constructor(allocate: (length: number) => Array) {
    this.#allocate = allocate;
    this.chunk = allocate(smallest);
  }

  get length(): number {
    return this.#before + this.used;
  }

  /** Sees to it that `size` values find room in `chunk` from `used` on, side by side. */
  makeRoom(size: number): void {
    if (this.used + size <= this.chunk.length) return;
    this.#full.push(this.#keep());
    this.#before += this.used;
    this.used = 0;
    const needed = Math.max(size, Math.min(this.#before, largest), smallest);
    if (needed > this.chunk.length) this.chunk = this.#allocate(needed);
  }

  /** All values in one array. Nothing may be written afterwards. */
  join(): Array {
    const joined = this.#allocate(this.length);
    const bytes = bytesOf(joined);
    let at = 0;
    for (const piece of this.#full) {
      bytes.set(new Uint8Array(piece), at);
      at += piece.byteLength;
      piece.resize(0);
    }
    bytes.set(this.#written(), at);
    this.#full = [];
    this.chunk = this.#allocate(0);
    return joined;
  }

  // Only a buffer that can shrink gives its memory back before the collector comes round, and only
  // one that can't is fast to write to: hence the copy.
  #keep(): ArrayBuffer {
    const written = this.#written();
    const piece = new ArrayBuffer(written.length, { maxByteLength: written.length });
    new Uint8Array(piece).set(written);
    return piece;
  }

  #written(): Uint8Array {
    return bytesOf(this.chunk).subarray(0, this.used * this.chunk.BYTES_PER_ELEMENT);
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
