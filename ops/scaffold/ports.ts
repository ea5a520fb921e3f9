/** Ports that a new server or agent may have. Pure. */
import type { Catalog } from "../../contract/catalog.ts";
import { AGENT_PORTS, FIRST_CUSTOM_AGENT_PORT, PORTS_PER_CATEGORY, SERVER_CATEGORIES, SERVER_PORTS, type ServerCategory } from "../../contract/services.ts";

/** The first free port of the category's ten; that of the contract for a server that ships. Null: all are taken. */
export function nextServerPort(catalog: Catalog, category: ServerCategory, name: string): number | null {
  const shipped = Object.entries(SERVER_PORTS).find(([server]) => server === name)?.[1];
  const first = SERVER_CATEGORIES[category];
  const inCategory = (port: number) => port >= first && port < first + PORTS_PER_CATEGORY;
  if (shipped !== undefined && inCategory(shipped)) return shipped;
  const taken = new Set<number>([...Object.values(SERVER_PORTS), ...Object.values(catalog.servers).map(({ port }) => port)]);
  return Array.from({ length: PORTS_PER_CATEGORY }, (_, at) => first + at).find((port) => !taken.has(port)) ?? null;
}

/** The first port above all ranges of the catalogue; null for a type that ships, whose range the contract gives. */
export function nextAgentPort(catalog: Catalog, type: string): number | null {
  if (type in AGENT_PORTS) return null;
  return Math.max(FIRST_CUSTOM_AGENT_PORT, ...Object.values(catalog.agents).map(({ ports }) => (ports?.[1] ?? 0) + 1));
}
