/** A list of 32-bit integers that grows by doubling, without a box for each. */
export class GrowableUint32 {
  data: Uint32Array<ArrayBuffer>;
  length: number = 0;

  constructor(capacity = 16) {
    this.data = new Uint32Array(capacity);
  }

  push(value: number): void {
    if (this.length === this.data.length) {
      this.reserve(this.length + 1);
    }
    this.data[this.length++] = value;
  }

  /** Makes room for `length` values; what is new is 0. */
  reserve(length: number): void {
    if (length > this.data.length) {
      const grown = new Uint32Array(Math.max(length, this.data.length * 2));
      grown.set(this.data);
      this.data = grown;
    }
  }
}
