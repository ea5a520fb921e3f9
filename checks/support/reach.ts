/** Ways to the stack's parts from where the checks run: published ports, else the network itself. */
import { containerAddress, containerOfHost } from "./engine.ts";
import { stack, type Stack } from "./stack.ts";

type Service = Stack["servers"][number] | Stack["agents"][number];

/** `http://host:port` of a server or agent. */
export async function baseUrl(service: Service): Promise<string> {
  if (service.url) return new URL(service.url).origin;
  return `http://${await containerAddress(service.container, stack().network.name)}:${service.port}`;
}

/** Host and port of an endpoint, as in `rabbitmq`. */
export async function hostPort(endpoint: string): Promise<{ host: string; port: number }> {
  const entry = stack().endpoints[endpoint];
  if (!entry) throw new Error(`the outputs name no endpoint "${endpoint}"`);
  if (entry.url) {
    const url = new URL(entry.url);
    return { host: url.hostname, port: Number(url.port || 80) };
  }
  const url = new URL(entry.internalUrl);
  return { host: await containerAddress(await containerOfHost(stack().stack, url.hostname), stack().network.name), port: Number(url.port || 80) };
}

/** Origin of the edge, `http://host:port`. */
export function edge(): string {
  const url = stack().endpoints.edge?.url;
  if (!url) throw new Error("the stack publishes no edge");
  return new URL(url).origin;
}

export interface Answer { status: number; headers: Headers; body: any; text: string }

/** One HTTP request; the body is parsed where it is JSON. */
export async function http(url: string, options: { method?: string; token?: string | null; json?: unknown; body?: string; headers?: Record<string, string>; timeoutMs?: number } = {}): Promise<Answer> {
  const headers: Record<string, string> = { ...options.headers };
  if (options.token) headers.authorization = `Bearer ${options.token}`;
  if (options.json !== undefined) headers["content-type"] = "application/json";
  const body = options.json === undefined ? options.body : JSON.stringify(options.json);
  const response = await fetch(url, {
    method: options.method ?? (body === undefined ? "GET" : "POST"),
    headers, body, signal: AbortSignal.timeout(options.timeoutMs ?? 10_000), redirect: "manual",
  });
  const text = await response.text();
  const isJson = /json/.test(response.headers.get("content-type") ?? "");
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : null, text };
}

/** A request to the hub's API through the edge, with the stack's token unless told otherwise. */
export function api(path: string, options: Parameters<typeof http>[1] = {}): Promise<Answer> {
  return http(`${edge()}/api/v1${path}`, { token: stack().apiToken, ...options });
}

/** Repeats `probe` until it returns something truthy. @throws with `what` and the last failure when the time is up */
export async function eventually<T>(what: string, withinMs: number, probe: () => Promise<T | null | undefined | false>): Promise<T> {
  const deadline = Date.now() + withinMs;
  let last = "no answer yet";
  for (;;) {
    try {
      const value = await probe();
      if (value) return value;
    } catch (error) {
      last = error instanceof Error ? error.message : String(error);
    }
    if (Date.now() > deadline) throw new Error(`${what}: not within ${withinMs / 1000} s (${last})`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
