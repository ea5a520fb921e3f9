/** A stack for faults alone, with agents enough that tens of tasks are with them at once, and the keys to its parts. */
import assert from "node:assert/strict";
import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { TokenClaims } from "../../contract/access.ts";
import { parseSecretsFile, SECRETS_FILE } from "../../contract/secrets-file.ts";
import { Outputs } from "../../contract/outputs.ts";
import { docker } from "../../checks/support/engine.ts";
import { Checkout } from "../live/platform/support/checkout.ts";
import { clear } from "../live/platform/support/engine.ts";
import type { Caller } from "./load.ts";

/** The type that carries most of the load: its agents hold the most at once. */
export const BUSIEST = "coordinator";
/** Not `test`, so that live tests and a dev stack may run on the same engine. */
const STACK = "faults";
/** A worker in another language takes its share of the load. */
const PYTHON = { type: "price-statistics", folder: "examples/python-worker", image: "price-statistics:faults" };
const SETTINGS = `config:
  mcp:network:
    name: mcpnet-faults
    subnet: 172.28.0.0/16
    bridge: mcp_faults
  mcp:namePrefix: faults-
  mcp:portOffset: 13000
  mcp:replicas:
    ${BUSIEST}: 4
  mcp:images:
    ${PYTHON.type}: ${PYTHON.image}
`;

export class FaultStack {
  readonly #checkout: Checkout;
  readonly outputs: Outputs;

  private constructor(checkout: Checkout, outputs: Outputs) {
    this.#checkout = checkout;
    this.outputs = outputs;
  }

  static async deploy(): Promise<FaultStack> {
    clear(STACK);
    const checkout = new Checkout("faults");
    writeFileSync(join(checkout.folder, `Pulumi.${STACK}.yaml`), SETTINGS);
    cpSync(join(checkout.folder, PYTHON.folder, `${PYTHON.type}.yaml`), join(checkout.folder, `configs/agents/${PYTHON.type}.yaml`));
    await docker("build", "--quiet", "--tag", PYTHON.image, join(checkout.folder, PYTHON.folder));
    const up = await checkout.mcp(["up", "--stack", STACK, "--yes"]);
    assert.equal(up.code, 0, `./mcp up --stack ${STACK} failed:\n${up.all.slice(-4_000)}`);
    const run = await checkout.mcp(["outputs", "--stack", STACK, "--json", "--show-secrets"]);
    assert.equal(run.code, 0, run.stderr);
    return new FaultStack(checkout, Outputs.parse(JSON.parse(run.stdout)));
  }

  remove(): void {
    clear(STACK);
    this.#checkout.remove();
  }

  get edge(): string {
    return new URL(this.outputs.endpoints.edge!.url!).origin;
  }

  /** Name of the container with this host name on the stack's network. */
  container(host: string): string {
    const { container, host: of } = this.outputs.agents[0]!;
    return container.slice(0, container.length - of.length) + host;
  }

  /** A variable of the secrets file in the container of a host. */
  async secret(host: string, name: string): Promise<string> {
    return parseSecretsFile(await docker("exec", this.container(host), "cat", SECRETS_FILE))[name]!;
  }

  /** URL of a store as one of the stack's services knows it, with that service's login, from this side of the published port. */
  async storeUrl(store: "rabbitmq" | "redis", asHost: string): Promise<string> {
    const url = new URL(await this.secret(asHost, `MCP_${store.toUpperCase()}_URL`));
    return url.href.replace(`@${url.host}`, `@${new URL(this.outputs.endpoints[store]!.url!).host}`);
  }

  /** URL of PostgreSQL as the operator, who may read everything. */
  get postgresUrl(): string {
    const { username, password } = this.outputs.credentials.postgres;
    const url = new URL(this.outputs.endpoints.postgres!.url!);
    return `postgres://${username}:${encodeURIComponent(password)}@${url.host}/mcp`;
  }

  /** Those who submit: the stack's user, an agent, and a server, each by its own token. */
  async callers(): Promise<Caller[]> {
    const { agents, servers, apiToken } = this.outputs;
    const hosts = [agents.find(({ type }) => type === BUSIEST)!.host, servers.find(({ server }) => server === "task-router")!.host];
    const tokens = [apiToken, ...(await Promise.all(hosts.map((host) => this.secret(host, "MCP_SERVICE_TOKEN"))))];
    return tokens.map((token) => ({ name: TokenClaims.parse(JSON.parse(Buffer.from(token.split(".")[1]!, "base64url").toString("utf8"))).sub, token }));
  }
}
