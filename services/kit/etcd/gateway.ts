/** What a registration and its readers need of etcd: leases, keys and ranges of them. */
import { EtcdConnection } from "./connection.ts";

const base64 = (text: string): string => Buffer.from(text).toString("base64");

/** The range of all keys with a prefix ends before the prefix with its last character counted up. */
function prefixRange(prefix: string): { key: string; range_end: string } {
  const end = prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);
  return { key: base64(prefix), range_end: base64(end) };
}

export class EtcdGateway {
  readonly #etcd: EtcdConnection;

  constructor(url: string) {
    this.#etcd = new EtcdConnection(url);
  }

  /** @returns the lease's id, as the gateway writes 64-bit numbers: in decimal digits */
  async grantLease(seconds: number): Promise<string> {
    const answer = (await this.#etcd.call("lease/grant", { TTL: String(seconds) })) as { ID: string };
    return answer.ID;
  }

  /** @returns false when the lease is gone */
  async keepAlive(lease: string): Promise<boolean> {
    const answer = (await this.#etcd.call("lease/keepalive", { ID: lease })) as { result?: { TTL?: string } };
    return Number(answer.result?.TTL ?? 0) > 0;
  }

  async revokeLease(lease: string): Promise<void> {
    await this.#etcd.call("lease/revoke", { ID: lease });
  }

  /** @param lease without one the key stays until it is written again */
  async put(key: string, value: string, lease?: string): Promise<void> {
    await this.#etcd.call("kv/put", { key: base64(key), value: base64(value), ...(lease === undefined ? {} : { lease }) });
  }

  /** Writes the key only if it does not hang on `lease`. @returns whether it did already */
  async putIfNotHeld(key: string, value: string, lease: string): Promise<boolean> {
    const answer = (await this.#etcd.call("kv/txn", {
      compare: [{ key: base64(key), target: "LEASE", result: "EQUAL", lease }],
      failure: [{ requestPut: { key: base64(key), value: base64(value), lease } }],
    })) as { succeeded?: boolean };
    return answer.succeeded ?? false;
  }

  /** Writes the key unless anybody has it. @returns whether it was written */
  async putIfAbsent(key: string, value: string, lease: string): Promise<boolean> {
    const answer = (await this.#etcd.call("kv/txn", {
      compare: [{ key: base64(key), target: "CREATE", result: "EQUAL", create_revision: "0" }],
      success: [{ requestPut: { key: base64(key), value: base64(value), lease } }],
    })) as { succeeded?: boolean };
    return answer.succeeded ?? false;
  }

  /**
   * Every key that begins with `prefix`, and etcd's revision now.
   *
   * @param at reads the keys as they were at this revision; an {@link EtcdError} when etcd no longer knows it
   */
  async range(prefix: string, at?: bigint): Promise<{ revision: bigint; entries: { key: string; value: string }[] }> {
    const answer = (await this.#etcd.call("kv/range", { ...prefixRange(prefix), ...(at === undefined ? {} : { revision: String(at) }) })) as {
      header: { revision: string };
      kvs?: { key: string; value: string }[];
    };
    const text = (encoded: string): string => Buffer.from(encoded, "base64").toString("utf8");
    return {
      revision: BigInt(answer.header.revision),
      entries: (answer.kvs ?? []).map(({ key, value }) => ({ key: text(key), value: text(value) })),
    };
  }

  /** Where and how to open a watch stream; the token is the one the last call went with. */
  watchRequest(prefix: string, startRevision: bigint): { url: URL; headers: Record<string, string>; body: string } {
    return {
      url: new URL("/v3/watch", this.#etcd.endpoint),
      headers: { "content-type": "application/json", ...(this.#etcd.token === null ? {} : { authorization: this.#etcd.token }) },
      body: JSON.stringify({ create_request: { ...prefixRange(prefix), start_revision: String(startRevision) } }),
    };
  }
}
