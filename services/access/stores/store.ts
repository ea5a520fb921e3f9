/** What the access service can do in a store. */
import type { Grant, Store } from "../../../contract/access.ts";

export interface AccessStore {
  readonly name: Store;
  /** What the base plan still lacks. @throws when the store does not answer */
  missing(): Promise<string[]>;
  /** Makes what {@link missing} names; stands being repeated. */
  prepare(): Promise<void>;
  /**
   * Gives an identity exactly the rights of its grant: more are taken away, and without a section for this store the
   * user goes. Stands being repeated.
   *
   * @throws {UserFault} when the grant itself cannot be applied
   */
  apply(grant: Grant): Promise<void>;
  close(): Promise<void>;
}
