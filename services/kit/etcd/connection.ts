/**
 * A logged-in client of etcd's JSON gateway. etcd3 with gRPC costs every process 20 MB, and what our services need are a
 * few calls.
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

const CALL_TIMEOUT_MS = 4_000;

export class EtcdConnection {
  readonly endpoint: string;
  readonly #user: EtcdUser | null;
  #token: string | null = null;

  constructor(url: string) {
    ({ endpoint: this.endpoint, user: this.#user } = parseEtcdUrl(url));
  }

  /** The token that the last call went with; null before the first, and for an etcd without users. */
  get token(): string | null {
    return this.#token;
  }

  /**
   * One POST, logged in. A token that has grown old is renewed once.
   *
   * @param path as `kv/range`, without the version
   * @throws {EtcdError} what etcd refuses
   * @throws {Unavailable} when etcd does not answer in time
   */
  async call(path: string, body: object = {}): Promise<Record<string, unknown>> {
    if (this.#user && this.#token === null) await this.#authenticate(this.#user);
    try {
      return await this.#post(path, body, this.#token);
    } catch (error) {
      if (!this.#user) throw error;
      this.#token = null;
      // An etcd that lost its data waits until it has come as far as it was when it gave the token out. So after a
      // silence the next call logs in anew, and this one is over.
      if (!(error instanceof EtcdError && error.staleToken)) throw error;
      await this.#authenticate(this.#user);
      return this.#post(path, body, this.#token);
    }
  }

  /** @returns a token @throws {EtcdError} for a wrong name or password */
  async login(user: EtcdUser): Promise<string> {
    return String((await this.#post("auth/authenticate", user, null)).token);
  }

  async #authenticate(user: EtcdUser): Promise<void> {
    try {
      this.#token = await this.login(user);
    } catch (error) {
      // An etcd without users, as in tests, takes everybody.
      if (!(error instanceof EtcdError && /authentication is not enabled/.test(error.message))) throw error;
    }
  }

  async #post(path: string, body: object, token: string | null): Promise<Record<string, unknown>> {
    const { status, body: answer } = await postJson(new URL(`/v3/${path}`, this.endpoint), body, {
      timeoutMs: CALL_TIMEOUT_MS,
      ...(token === null ? {} : { headers: { authorization: token } }),
    });
    if (status < 300) return answer as Record<string, unknown>;
    const { message, error, code } = (answer ?? {}) as { message?: string; error?: string; code?: number };
    if (code === undefined || status >= 500) throw new Unavailable(`etcd answered ${status} to ${path}: ${message ?? error ?? "no detail"}`);
    throw new EtcdError(message ?? error ?? `etcd answered ${status}`, code);
  }
}
