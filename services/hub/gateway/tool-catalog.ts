/** The tools of all registered servers under one roof, named `<server>.<tool>`. */
import type { Dispatcher } from "undici";
import { untilDone } from "../../kit/backoff.ts";
import { messageOf } from "../../kit/errors.ts";
import type { Logger } from "../../kit/log.ts";
import type { ServerEntry, ServiceRegistry } from "../registry/registry.ts";
import { listTools, type BackendTool } from "./backend.ts";

export interface OfferedTool {
  /** As the gateway offers it. */
  definition: BackendTool;
  server: string;
  /** As the server knows it. */
  name: string;
  readOnly: boolean;
}

export interface ToolCatalogOptions {
  registry: ServiceRegistry;
  dispatcher: Dispatcher;
  token: string;
  onChange(): void;
  log: Logger;
}

const LIST_TIMEOUT_MS = 10_000;

/** Merged and in order of name, so that the answer is the same whenever and whomever it is asked. Pure. */
export function mergeTools(byServer: ReadonlyMap<string, readonly BackendTool[]>): OfferedTool[] {
  const offered = [...byServer].flatMap(([server, tools]) => tools.map((tool): OfferedTool => ({
    definition: { ...tool, name: `${server}.${tool.name}` },
    server,
    name: tool.name,
    readOnly: tool.annotations?.readOnlyHint === true,
  })));
  return offered.sort((a, b) => (a.definition.name < b.definition.name ? -1 : 1));
}

export class ToolCatalog {
  readonly #options: ToolCatalogOptions;
  readonly #byServer = new Map<string, BackendTool[]>();
  readonly #fetches = new Map<string, AbortController>();
  #offered: OfferedTool[] = [];
  #byName = new Map<string, OfferedTool>();
  #definitions: BackendTool[] = [];

  constructor(options: ToolCatalogOptions) {
    this.#options = options;
    options.registry.onChange(({ kind, entry }) => {
      if (entry.kind !== "server") return;
      if (kind !== "removed") void this.#fetch(entry);
      else if (options.registry.replicas(null, entry.server).length === 0) this.#forget(entry.server);
    });
  }

  get definitions(): BackendTool[] {
    return this.#definitions;
  }

  find(name: string): OfferedTool | undefined {
    return this.#byName.get(name);
  }

  close(): void {
    for (const fetch of this.#fetches.values()) fetch.abort();
  }

  #forget(server: string): void {
    this.#fetches.get(server)?.abort();
    if (this.#byServer.delete(server)) this.#rebuild();
  }

  /** Asks the replica that has just come, until it answers or its server goes. */
  async #fetch(entry: ServerEntry): Promise<void> {
    const { dispatcher, token, log } = this.#options;
    this.#fetches.get(entry.server)?.abort();
    const fetching = new AbortController();
    this.#fetches.set(entry.server, fetching);
    try {
      const tools = await untilDone(
        () => listTools(`http://${entry.host}:${entry.port}`, { dispatcher, token, signal: AbortSignal.any([fetching.signal, AbortSignal.timeout(LIST_TIMEOUT_MS)]) }),
        {
          signal: fetching.signal,
          onFailure: (error, failures) => {
            if (failures === 1) log.warn({ server: entry.server, reason: messageOf(error) }, "a server does not list its tools; asking until it does");
          },
        },
      );
      this.#byServer.set(entry.server, tools);
      this.#rebuild();
    } catch (error) {
      if (!fetching.signal.aborted) log.warn({ server: entry.server, reason: messageOf(error) }, "a server's tools are not offered");
    } finally {
      if (this.#fetches.get(entry.server) === fetching) this.#fetches.delete(entry.server);
    }
  }

  #rebuild(): void {
    this.#offered = mergeTools(this.#byServer);
    this.#byName = new Map(this.#offered.map((tool) => [tool.definition.name, tool]));
    const definitions = this.#offered.map((tool) => tool.definition);
    const same = JSON.stringify(definitions) === JSON.stringify(this.#definitions);
    this.#definitions = definitions;
    if (!same) this.#options.onChange();
  }
}
