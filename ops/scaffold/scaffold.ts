/** Makes a server or an agent from templates/: a folder of code and a catalogue entry. */
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Catalog } from "../../contract/catalog.ts";
import { SERVER_CATEGORIES, type ServerCategory } from "../../contract/services.ts";
import { parseCatalog, agentFile, serverFile } from "../../plan/catalog.ts";
import { readCatalogFiles } from "../../plan/read-sources.ts";
import { failed, misused } from "../system/failure.ts";
import { nextAgentPort, nextServerPort } from "./ports.ts";

const CATALOG_TEMPLATE = "catalog.yaml.tmpl";
const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

export interface Made { folder: string; catalogFile: string; port: number | null }

/** `pool-watcher` → `Pool watcher`. */
export function titleOf(name: string): string {
  const words = name.replaceAll("-", " ");
  return words[0]!.toUpperCase() + words.slice(1);
}

/** Puts values in the place of `__NAME__` and the like. @throws {Error} for a place without a value */
export function fill(template: string, values: Record<string, string>): string {
  return template.replaceAll(/__([A-Z]+)__/g, (place, key: string) => {
    const value = values[key];
    if (value === undefined) throw new Error(`the template has ${place}, for which there is no value`);
    return value;
  });
}

/** @throws {Failure} with exit code 2 and nothing written, when name or category are not to be had */
export function newServer(root: string, category: string, name: string): Made {
  if (!(category in SERVER_CATEGORIES)) throw misused(`new server: "${category}" is no category; it is one of ${Object.keys(SERVER_CATEGORIES).join(", ")}.`);
  const catalog = checkName(root, name);
  const port = nextServerPort(catalog, category as ServerCategory, name);
  if (port === null) throw misused(`new server: all ten ports of category ${category} are taken; choose another category.`);
  const folder = `services/servers/${category}/${name}`;
  const file = serverFile(category);
  const values = { NAME: name, TITLE: titleOf(name), CATEGORY: category, PORT: String(port) };
  const entry = fill(readFileSync(join(root, "templates/mcp-server", CATALOG_TEMPLATE), "utf8"), values);
  copy(root, "templates/mcp-server", folder, values);
  if (!existsSync(join(root, file))) write(join(root, file), `category: ${category}\nservers:\n${entry}`);
  else {
    const present = readFileSync(join(root, file), "utf8");
    appendFileSync(join(root, file), (present.endsWith("\n") ? "" : "\n") + entry);
  }
  return verified(root, { folder, catalogFile: file, port }, (after) => after.servers[name] !== undefined);
}

/** @throws {Failure} with exit code 2 and nothing written, when the name is not to be had */
export function newAgent(root: string, type: string): Made {
  const catalog = checkName(root, type);
  const port = nextAgentPort(catalog, type);
  const folder = `services/agents/${type}`;
  const file = agentFile(type);
  const values = { NAME: type, TITLE: titleOf(type), PORT: String(port ?? "") };
  const template = readFileSync(join(root, "templates/mcp-agent", CATALOG_TEMPLATE), "utf8");
  // A type that ships has its ports from the contract.
  const entry = fill(port === null ? template.replace(/^ports:.*\n/m, "") : template, values);
  copy(root, "templates/mcp-agent", folder, values);
  write(join(root, file), entry);
  return verified(root, { folder, catalogFile: file, port }, (after) => after.agents[type] !== undefined);
}

/** @returns the catalogue as it is */
function checkName(root: string, name: string): Catalog {
  if (!NAME.test(name)) throw misused(`new: "${name}" must be lower case words joined by hyphens, as in "pool-watcher".`);
  const catalog = parseCatalog(readCatalogFiles(root));
  if (catalog.servers[name]) throw misused(`new: ${serverFile(catalog.servers[name].category)} has a server "${name}" already.`);
  if (catalog.agents[name]) throw misused(`new: ${agentFile(name)} exists already.`);
  for (const folder of ["services/agents", ...Object.keys(SERVER_CATEGORIES).map((category) => `services/servers/${category}`)]) {
    if (existsSync(join(root, folder, name))) throw misused(`new: ${folder}/${name} exists already.`);
  }
  return catalog;
}

function copy(root: string, template: string, folder: string, values: Record<string, string>): void {
  const walk = (below: string): void => {
    for (const entry of readdirSync(join(root, template, below), { withFileTypes: true })) {
      const path = join(below, entry.name);
      if (entry.isDirectory()) walk(path);
      else if (path !== CATALOG_TEMPLATE) write(join(root, folder, path), fill(readFileSync(join(root, template, path), "utf8"), values));
    }
  };
  walk("");
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text, { flag: "wx" });
}

/** The entry was appended to what people edit: it must be read back as meant. */
function verified(root: string, made: Made, there: (after: Catalog) => boolean): Made {
  if (!there(parseCatalog(readCatalogFiles(root)))) throw failed(`${made.catalogFile} does not end with its list of servers: move the new entry there.`);
  return made;
}
