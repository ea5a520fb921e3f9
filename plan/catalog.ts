/** Text of the catalogue's files → `Catalog`. */
import { basename } from "node:path";
import { parseDocument } from "yaml";
import type { z } from "zod";
import { AgentEntry, ServerCatalogFile, type Catalog } from "../contract/catalog.ts";
import { SettingsError } from "../contract/settings.ts";

/** A file of the catalogue: path relative to the checkout, and its text. */
export interface CatalogFile { path: string; text: string }

export interface CatalogFiles { servers: CatalogFile[]; agents: CatalogFile[] }

export const serverFile = (category: string): string => `configs/servers/${category}.yaml`;
export const agentFile = (type: string): string => `configs/agents/${type}.yaml`;

/** @throws {SettingsError} naming every wrong file and key */
export function parseCatalog(files: CatalogFiles): Catalog {
  const problems: string[] = [];
  const read = <S extends z.ZodType>(file: CatalogFile, schema: S, names: (value: z.output<S>) => string): z.output<S> | null => {
    const document = parseDocument(file.text);
    if (document.errors.length > 0) {
      problems.push(...document.errors.map((error) => `${file.path}: ${error.message.split("\n")[0]!.replace(/:$/, "")}`));
      return null;
    }
    const raw: unknown = document.toJS();
    const parsed = schema.safeParse(raw);
    if (!parsed.success) {
      problems.push(...parsed.error.issues.map((issue) => `${file.path}: ${issue.path.map((key) => `${String(key)}: `).join("")}${issue.message}`));
      return null;
    }
    const expected = basename(file.path, ".yaml");
    if (names(parsed.data) !== expected) problems.push(`${file.path}: names "${names(parsed.data)}" and must name "${expected}", like the file`);
    return parsed.data;
  };

  const catalog: Catalog = { servers: {}, agents: {} };
  for (const file of files.servers) {
    const parsed = read(file, ServerCatalogFile, (value) => value.category);
    for (const [name, entry] of Object.entries(parsed?.servers ?? {})) {
      const other = catalog.servers[name];
      if (other) problems.push(`${file.path}: servers: ${name}: ${serverFile(other.category)} has a server of this name`);
      catalog.servers[name] = { ...entry, category: parsed!.category };
    }
  }
  for (const file of files.agents) {
    const entry = read(file, AgentEntry, (value) => value.type);
    if (entry) catalog.agents[entry.type] = entry;
  }
  if (problems.length > 0) throw new SettingsError(problems);
  return catalog;
}
