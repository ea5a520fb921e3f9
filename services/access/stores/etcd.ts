/**
 * Users and roles of applications in etcd: a role of its own for each user, of the same name.
 *
 * A request that another client makes while users or roles change may be refused ("revision of auth store is old"), so
 * only differences are written.
 */
import { OPERATOR, storeUser, type Grant } from "../../../contract/access.ts";
import { derivePassword } from "../../../contract/derive.ts";
import { EtcdConnection, EtcdError } from "../../kit/etcd/connection.ts";
import { Lane } from "../lane.ts";
import { difference, EVERYTHING, permissionsOf, type Permission } from "./etcd-permissions.ts";
import type { AccessStore } from "./store.ts";

export class EtcdAccess implements AccessStore {
  readonly name = "etcd";
  readonly #etcd: EtcdConnection;
  readonly #passwordKey: string;
  readonly #lane = new Lane();
  #operatorFits = false;

  constructor(url: string, passwordKey: string) {
    this.#etcd = new EtcdConnection(url);
    this.#passwordKey = passwordKey;
  }

  async missing(): Promise<string[]> {
    const { users = [] } = (await this.#etcd.call("auth/user/list")) as { users?: string[] };
    if (!users.includes(OPERATOR)) return [`etcd: user ${OPERATOR}`];
    // A volume may be older than the root key.
    this.#operatorFits ||= await this.#accepts(storeUser(OPERATOR), derivePassword(this.#passwordKey, "etcd", OPERATOR));
    return this.#operatorFits ? [] : [`etcd: password of ${OPERATOR}`];
  }

  async prepare(): Promise<void> {
    await this.#lane.run(() => this.#ensure(OPERATOR, [EVERYTHING]));
  }

  async apply(grant: Grant): Promise<void> {
    await this.#lane.run(() => (grant.etcd ? this.#ensure(grant.identity, permissionsOf(grant.etcd)) : this.#remove(grant.identity)));
  }

  async close(): Promise<void> {}

  async #ensure(identity: string, permissions: readonly Permission[]): Promise<void> {
    const name = storeUser(identity);
    await this.#ensureRole(name, permissions);
    await this.#ensureUser(name, derivePassword(this.#passwordKey, "etcd", identity));
  }

  async #ensureRole(name: string, permissions: readonly Permission[]): Promise<void> {
    const role = await this.#find<{ perm?: { permType?: string; key: string; range_end?: string }[] }>("auth/role/get", { role: name });
    if (!role) await this.#etcd.call("auth/role/add", { name });
    const found = (role?.perm ?? []).map(({ permType, key, range_end }) =>
      ({ permType: (permType ?? "READ") as Permission["permType"], key, rangeEnd: range_end ?? "" }));
    const { revoke, grant } = difference(found, permissions);
    for (const { key, rangeEnd } of revoke) await this.#etcd.call("auth/role/revoke", { role: name, key, range_end: rangeEnd });
    for (const { permType, key, rangeEnd } of grant) {
      await this.#etcd.call("auth/role/grant", { name, perm: { permType, key, range_end: rangeEnd } });
    }
  }

  async #ensureUser(name: string, password: string): Promise<void> {
    const user = await this.#find<{ roles?: string[] }>("auth/user/get", { name });
    if (!user) await this.#etcd.call("auth/user/add", { name, password });
    else if (!(await this.#accepts(name, password))) await this.#etcd.call("auth/user/changepw", { name, password });
    const roles = user?.roles ?? [];
    for (const role of roles.filter((role) => role !== name)) await this.#etcd.call("auth/user/revoke", { name, role });
    if (!roles.includes(name)) await this.#etcd.call("auth/user/grant", { user: name, role: name });
  }

  async #remove(identity: string): Promise<void> {
    const name = storeUser(identity);
    if (await this.#find("auth/user/get", { name })) await this.#etcd.call("auth/user/delete", { name });
    if (await this.#find("auth/role/get", { role: name })) await this.#etcd.call("auth/role/delete", { role: name });
  }

  async #accepts(name: string, password: string): Promise<boolean> {
    try {
      await this.#etcd.login({ name, password });
      return true;
    } catch (error) {
      if (error instanceof EtcdError) return false;
      throw error;
    }
  }

  async #find<T>(path: string, body: object): Promise<T | null> {
    try {
      return (await this.#etcd.call(path, body)) as T;
    } catch (error) {
      if (error instanceof EtcdError && /(role|user) name not found/.test(error.message)) return null;
      throw error;
    }
  }
}
