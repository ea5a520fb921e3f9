/** etcd's authentication API over its JSON gateway: base64 keys, one POST a call. */
import { splitCredentials } from "../config.ts";
import { callJson } from "./http-json.ts";

/** gRPC status codes. */
const UNAUTHENTICATED = 16;

/** An answer of etcd that is not a success. */
export class EtcdError extends Error {
  override name = "EtcdError";
  readonly code: number;
  constructor(path: string, code: number, message: string) {
    super(`${path}: ${message}`);
    this.code = code;
  }
}

export interface Permission { permType: "READ" | "READWRITE"; key: string; rangeEnd: string }

export class EtcdGateway {
  readonly #base: string;
  readonly #name: string;
  readonly #password: string;
  #token: string | null = null;

  constructor(url: string) {
    const { base, username, password } = splitCredentials(url);
    this.#base = `${base}/v3`;
    this.#name = username;
    this.#password = password;
  }

  /** As the administrator. A token that has expired, or that an earlier change of users has made old, is renewed once. */
  async call(path: string, body: object = {}): Promise<Record<string, unknown>> {
    this.#token ??= await this.login(this.#name, this.#password);
    try {
      return await this.#post(path, body, this.#token);
    } catch (error) {
      // etcd waits until it has come as far as it was when it gave the token out: one that has lost its data would let
      // us wait for ever, so after a silence the next call logs in anew.
      if (!(error instanceof EtcdError)) this.#token = null;
      if (!(error instanceof EtcdError) || !(error.code === UNAUTHENTICATED || /auth (token|store)/.test(error.message))) throw error;
      this.#token = await this.login(this.#name, this.#password);
      return this.#post(path, body, this.#token);
    }
  }

  /** @returns a token @throws {EtcdError} for a wrong name or password */
  async login(name: string, password: string): Promise<string> {
    return String((await this.#post("auth/authenticate", { name, password }, null)).token);
  }

  async #post(path: string, body: object, token: string | null): Promise<Record<string, unknown>> {
    const answer = await callJson(`${this.#base}/${path}`, { method: "POST", headers: token === null ? {} : { authorization: token }, body });
    const { code, message } = (answer.body ?? {}) as { code?: number; message?: string };
    if (answer.status !== 200) throw new EtcdError(path, code ?? answer.status, message ?? String(answer.body));
    return answer.body as Record<string, unknown>;
  }
}
