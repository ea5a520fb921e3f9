/** What the tools work with. */

export interface Deps {
  /**
   * Rows of one statement over schema `code_index`, read only.
   *
   * @throws {NothingIndexed} while the schema has no tables
   * @throws {UserFault} when it took too long
   * @throws {Unavailable} while PostgreSQL is away
   */
  query<Row extends object>(text: string, values?: readonly unknown[]): Promise<Row[]>;
}
