/**
 * etcd over its JSON gateway: the few calls that a registration needs. etcd3 with gRPC costs every process 20 MB, and
 * most services only register themselves.
 */
import { Unavailable } from "../errors.ts";
import { postJson } from "../http-json.ts";

/** gRPC status codes that the gateway passes on. */
const NOT_FOUND = 5;
const PERMISSION_DENIED = 7;
const UNAUTHENTICATED = 16;

export class EtcdError extends Error {
  override name = "EtcdError";
  /** gRPC status code. */
  readonly code: number;
  constructor(message: string, code: number) {
    super(message);
    this.code = code;
  }
  /** The lease or key is gone. */
  get notFound(): boolean {
    return this.code === NOT_FOUND;
  }
  /** The token ended with etcd's own restart or by age, or a change of anybody's rights has made it old. */
  get staleToken(): boolean {
    return this.code === UNAUTHENTICATED || /auth store is old|invalid auth token/.test(this.message);
  }
  /** Our user, password or right is not known. */
  get refused(): boolean {
    return this.code === PERMISSION_DENIED || this.code === UNAUTHENTICATED || /authentication failed|user name is empty/.test(this.message);
  }
}

export interface EtcdUser { name: string; password: string }

/** Splits `http://user:password@etcd:2379`. */
export function parseEtcdUrl(url: string): { endpoint: string; user: EtcdUser | null } {
  const { protocol, host, username, password } = new URL(url);
  const user = username === "" ? null : { name: decodeURIComponent(username), password: decodeURIComponent(password) };
  return { endpoint: `${protocol}//${host}`, user };
}

const base64 = (text: string): string => Buffer.from(text).toString("base64");
const CALL_TIMEOUT_MS = 4_000;

/** The range of all keys with a prefix ends before the prefix with its last character counted up. */
function prefixRange(prefix: string): { key: string; range_end: string } {
  const end = prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);
  return { key: base64(prefix), range_end: base64(end) };
}

export class EtcdGateway {
  readonly #endpoint: string;
  readonly #user: EtcdUser | null;
  #token: string | null = null;

  constructor(url: string) {
    ({ endpoint: this.#endpoint, user: this.#user } = parseEtcdUrl(url));
  }

  /** @returns the lease's id, as the gateway writes 64-bit numbers: in decimal digits */
  async grantLease(seconds: number): Promise<string> {
    const answer = (await this.#call("/v3/lease/grant", { TTL: String(seconds) })) as { ID: string };
    return answer.ID;
  }

  /** @returns false when the lease is gone */
  async keepAlive(lease: string): Promise<boolean> {
    const answer = (await this.#call("/v3/lease/keepalive", { ID: lease })) as { result?: { TTL?: string } };
    return Number(answer.result?.TTL ?? 0) > 0;
  }

  async revokeLease(lease: string): Promise<void> {
    await this.#call("/v3/lease/revoke", { ID: lease });
  }

  async put(key: string, value: string, lease: string): Promise<void> {
    await this.#call("/v3/kv/put", { key: base64(key), value: base64(value), lease });
  }

  /** Writes the key only if it does not hang on `lease`. @returns whether it did already */
  async putIfNotHeld(key: string, value: string, lease: string): Promise<boolean> {
    const answer = (await this.#call("/v3/kv/txn", {
      compare: [{ key: base64(key), target: "LEASE", result: "EQUAL", lease }],
      failure: [{ requestPut: { key: base64(key), value: base64(value), lease } }],
    })) as { succeeded?: boolean };
    return answer.succeeded ?? false;
  }

  /**
   * Every key that begins with `prefix`, and etcd's revision now.
   *
   * @param at reads the keys as they were at this revision; an {@link EtcdError} when etcd no longer knows it
   */
  async range(prefix: string, at?: bigint): Promise<{ revision: bigint; entries: { key: string; value: string }[] }> {
    const answer = (await this.#call("/v3/kv/range", { ...prefixRange(prefix), ...(at === undefined ? {} : { revision: String(at) }) })) as {
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
      url: new URL("/v3/watch", this.#endpoint),
      headers: { "content-type": "application/json", ...(this.#token === null ? {} : { authorization: this.#token }) },
      body: JSON.stringify({ create_request: { ...prefixRange(prefix), start_revision: String(startRevision) } }),
    };
  }

  async #call(path: string, body: unknown): Promise<unknown> {
    if (this.#user && this.#token === null) await this.#authenticate(this.#user);
    try {
      return await this.#post(path, body);
    } catch (error) {
      if (!this.#user) throw error;
      this.#token = null;
      // An etcd that lost its data waits until it has come as far as it was when it gave the token out. So after a
      // silence the next call logs in anew, and this one is over.
      if (!(error instanceof EtcdError && error.staleToken)) throw error;
      await this.#authenticate(this.#user);
      return this.#post(path, body);
    }
  }

  async #authenticate(user: EtcdUser): Promise<void> {
    try {
      this.#token = ((await this.#post("/v3/auth/authenticate", user)) as { token: string }).token;
    } catch (error) {
      // An etcd without users, as in tests, takes everybody.
      if (!(error instanceof EtcdError && /authentication is not enabled/.test(error.message))) throw error;
    }
  }

  async #post(path: string, body: unknown): Promise<unknown> {
    const { status, body: answer } = await postJson(new URL(path, this.#endpoint), body, {
      timeoutMs: CALL_TIMEOUT_MS,
      ...(this.#token === null ? {} : { headers: { authorization: this.#token } }),
    });
    if (status < 300) return answer;
    const { message, error, code } = (answer ?? {}) as { message?: string; error?: string; code?: number };
    if (code === undefined || status >= 500) throw new Unavailable(`etcd answered ${status} to ${path}: ${message ?? error ?? "no detail"}`);
    throw new EtcdError(message ?? error ?? `etcd answered ${status}`, code);
  }
}
