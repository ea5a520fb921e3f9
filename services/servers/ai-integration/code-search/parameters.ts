/** Values of a statement that is put together from parts. */
export class Parameters {
  readonly values: unknown[] = [];

  /** @returns its placeholder, as in `$3` */
  add(value: unknown): string {
    return `$${this.values.push(value)}`;
  }
}
