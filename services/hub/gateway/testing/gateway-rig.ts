/** For tests and benchmarks: the gateway on a loopback port, with the registry in the test's hand instead of etcd's. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import type { Registry } from "prom-client";
import type { TokenClaims } from "../../../../contract/access.ts";
import { publicKey, signingKey, signJwt } from "../../../../contract/derive.ts";
import { serverKey, type Registration } from "../../../../contract/registry.ts";
import type { ServerCategory } from "../../../../contract/services.ts";
import { createHttpApp, type HttpApp } from "../../../kit/http.ts";
import { createLogger } from "../../../kit/log.ts";
import { createMetrics } from "../../../kit/metrics.ts";
import { tokenChecker } from "../../../kit/tokens.ts";
import { ServiceRegistry } from "../../registry/registry.ts";
import { delegatedCredentials, type Credentials } from "../access/delegation.ts";
import { mountGateway, type Gateway, type GatewayOptions } from "../gateway.ts";
import { MemoryCalls } from "./memory-calls.ts";

const deployment = signingKey("root of a test");
const delegation = signingKey("the hub's own");

/** What services of the test check tokens with. */
export const TOKEN_PUBLIC_KEY = publicKey(deployment);
export const tokenOf = (claims: Partial<TokenClaims> = {}): string => signJwt({ sub: "user:ada", role: "admin", aud: ["*"], ...claims }, deployment);

/** The hub's word for callers, as the deployment of the test lets it. */
export const rigCredentials = (): Credentials => delegatedCredentials(delegation, signJwt({ certifies: "hub", key: publicKey(delegation) }, deployment));

export const META = { "io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {} };

export interface Posted {
  status: number;
  headers: Headers;
  body: { result?: Record<string, any>; error?: { code: number; message: string; data?: any }; id?: unknown; detail?: string };
}

export class GatewayRig {
  readonly registry = new ServiceRegistry();
  readonly metrics: Registry = createMetrics("hub");
  readonly ledger = new MemoryCalls();
  readonly logged: Record<string, any>[] = [];
  app!: HttpApp;
  gateway!: Gateway;
  url!: string;

  async start(options: Partial<GatewayOptions> = {}): Promise<this> {
    const log = createLogger("hub", "info", { write: (line) => void this.logged.push(JSON.parse(line)) });
    this.app = createHttpApp({ log, metrics: this.metrics, checkToken: tokenChecker(TOKEN_PUBLIC_KEY, "hub"), missing: () => [] });
    this.gateway = mountGateway(this.app, {
      registry: this.registry, metrics: this.metrics, log,
      credentials: rigCredentials(),
      sealSecret: "secret of a test", ledger: this.ledger, hubs: 1, callsPerMinute: 1_000_000, longCalls: 100,
      limits: { timeoutMs: 5_000, responseBytes: 1024 * 1024 },
      ownHosts: [], outsideHosts: [],
      ...options,
    });
    await this.app.listen({ host: "127.0.0.1", port: 0 });
    this.url = `http://127.0.0.1:${(this.app.server.address() as AddressInfo).port}/mcp`;
    return this;
  }

  async stop(): Promise<void> {
    await this.gateway.close();
    this.app.server.closeAllConnections();
    await this.app.close();
  }

  register(server: string, port: number, { replica = 1, category = "utils", ...entry }: { replica?: number; category?: ServerCategory } & Partial<Registration> = {}): void {
    const value: Registration = { host: "127.0.0.1", port, status: "healthy", capabilities: [], current_task: null, version: "0", started_at: new Date().toISOString(), ...entry };
    this.registry.put(serverKey(category, server, replica), JSON.stringify(value));
  }

  unregister(server: string, { replica = 1, category = "utils" }: { replica?: number; category?: ServerCategory } = {}): void {
    this.registry.remove(serverKey(category, server, replica));
  }

  /** Waits until the gateway offers as many tools. */
  async offers(tools: number, withinMs = 5_000): Promise<void> {
    await eventually(() => this.gateway.tools, (found) => found === tools, withinMs);
  }

  async client(era: "modern" | "legacy" = "modern", claims: Partial<TokenClaims> = {}, query = ""): Promise<Client> {
    const client = new Client({ name: "test", version: "1" }, era === "modern" ? { versionNegotiation: { mode: "auto" } } : {});
    await client.connect(new StreamableHTTPClientTransport(new URL(this.url + query), { requestInit: { headers: { authorization: `Bearer ${tokenOf(claims)}` } } }));
    return client;
  }

  /** A request of the modern era with headers that agree, both as given where they are given. */
  async post(method: string, params: Record<string, any> = {}, { claims, headers, signal, raw, query = "" }: { claims?: Partial<TokenClaims>; headers?: Record<string, string>; signal?: AbortSignal; raw?: string; query?: string } = {}): Promise<Posted> {
    const response = await this.send(method, params, { claims, headers, signal, raw, query });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text.startsWith("{") ? JSON.parse(text) : {} };
  }

  send(method: string, params: Record<string, any> = {}, { claims, headers, signal, raw, query = "" }: { claims?: Partial<TokenClaims>; headers?: Record<string, string>; signal?: AbortSignal; raw?: string; query?: string } = {}): Promise<Response> {
    const name = params["name"] ?? params["uri"] ?? params["taskId"];
    return fetch(this.url + query, {
      method: "POST", signal: signal ?? null,
      body: raw ?? JSON.stringify({ jsonrpc: "2.0", id: 1, method, params: { ...params, _meta: { ...META, ...params["_meta"] } } }),
      headers: {
        authorization: `Bearer ${tokenOf(claims)}`, "content-type": "application/json", accept: "application/json, text/event-stream",
        "mcp-protocol-version": "2026-07-28", "mcp-method": method, ...(typeof name === "string" ? { "mcp-name": name } : {}), ...headers,
      },
    });
  }

  /** A tool call's text, or the error's message. */
  async call(name: string, input: object = {}, options: { claims?: Partial<TokenClaims>; headers?: Record<string, string> } = {}): Promise<string> {
    const { body } = await this.post("tools/call", { name, arguments: input }, options);
    return body.error?.message ?? body.result?.["content"]?.[0]?.text;
  }

  audit(): Record<string, any>[] {
    return this.logged.flatMap((line) => (line["audit"] ? [line["audit"]] : []));
  }
}

export interface Seen { method: string; params: any; headers: IncomingMessage["headers"]; text: string }
/** Answers a request: a result, or null when it has seen to the response itself. */
export type Answer = (seen: Seen, response: ServerResponse) => object | null | Promise<object | null>;

/** A server of a few lines: its lists, and what it answers to the rest. */
export class FakeServer {
  readonly seen: Seen[] = [];
  readonly http: Server;
  lists: { tools: object[]; prompts?: object[]; resources?: object[]; resourceTemplates?: object[] };
  answer: Answer;
  ttlMs = 60_000;
  capabilities: object = { tools: {}, prompts: {}, resources: {} };

  constructor(tools: object[] | string[], answer: Answer = ({ params }) => text(`${params.name} ${JSON.stringify(params.arguments)}`)) {
    this.lists = { tools: tools.map((tool) => (typeof tool === "string" ? toolOf(tool) : tool)) };
    this.answer = answer;
    this.http = createServer((request, response) => void this.#serve(request, response).catch(() => response.destroy()));
  }

  get port(): number {
    return (this.http.address() as AddressInfo).port;
  }

  get calls(): Seen[] {
    return this.seen.filter(({ method }) => method === "tools/call");
  }

  async listen(port = 0): Promise<this> {
    this.http.listen(port, "127.0.0.1");
    await once(this.http, "listening");
    return this;
  }

  async stop(): Promise<void> {
    this.http.closeAllConnections();
    if (!this.http.listening) return;
    this.http.close();
    await once(this.http, "close");
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = (await request.toArray()).join("");
    const { id, method, params } = JSON.parse(body);
    const seen = { method, params, headers: request.headers, text: body };
    this.seen.push(seen);
    const result = this.#own(method) ?? await this.answer(seen, response);
    if (result === null) return;
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ jsonrpc: "2.0", id, ...("error" in result && !("status" in result) ? result : { result: { resultType: "complete", ...result } }) }));
  }

  #own(method: string): object | null {
    if (method === "server/discover") return { supportedVersions: ["2026-07-28"], capabilities: this.capabilities, ttlMs: 0, cacheScope: "public" };
    const field = ({ "tools/list": "tools", "prompts/list": "prompts", "resources/list": "resources", "resources/templates/list": "resourceTemplates" } as const)[method];
    return field === undefined ? null : { [field]: this.lists[field] ?? [], ttlMs: this.ttlMs, cacheScope: "public" };
  }
}

export const text = (value: string): object => ({ content: [{ type: "text", text: value }] });
export const toolOf = (name: string, more: object = {}): object => ({ name, description: `Does ${name}.`, inputSchema: { type: "object" }, annotations: { readOnlyHint: name.startsWith("read") }, ...more });

/** Reads until it is good; fails with what was read last. */
export async function eventually<T>(read: () => Promise<T> | T, good: (value: T) => boolean, withinMs = 5_000): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const value = await read();
    if (good(value)) return value;
    if (Date.now() > deadline) throw new Error(`not within ${withinMs} ms; last: ${JSON.stringify(value)?.slice(0, 2_000)}`);
    await sleep(10);
  }
}
