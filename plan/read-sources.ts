/** The one place of the planner that touches the file system. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { SettingsError, type Settings } from "../contract/settings.ts";
import type { CatalogFile, CatalogFiles } from "./catalog.ts";
import { CONFIG_FOLDERS, type InfrastructureConfigs } from "./infrastructure/config-files.ts";
import type { Dockerfiles } from "./node-image.ts";

function yamlFiles(root: string, folder: string): CatalogFile[] {
  return entries(root, folder).filter((name) => name.endsWith(".yaml")).map((name) => {
    const path = `${folder}/${name}`;
    return { path, text: readFileSync(join(root, path), "utf8") };
  });
}

/** @param root folder of the checkout */
export function readCatalogFiles(root: string): CatalogFiles {
  return { servers: yamlFiles(root, "configs/servers"), agents: yamlFiles(root, "configs/agents") };
}

/** Dockerfiles that services bring along, as in `servers/toolbox`. */
export function readDockerfiles(root: string): Dockerfiles {
  const kinds = ["coordination", "servers", "agents"];
  return new Set(kinds.flatMap((kind) => entries(root, `images/${kind}`).map((name) => `${kind}/${name}`))
    .filter((folder) => existsSync(join(root, "images", folder, "Dockerfile"))));
}

/** Configuration of the infrastructure, as operators edit it. */
export function readInfrastructureConfigs(root: string): InfrastructureConfigs {
  return Object.fromEntries(CONFIG_FOLDERS.map((folder) => [folder, Object.fromEntries(
    entries(root, `configs/${folder}`).map((name) => [name, readFileSync(join(root, "configs", folder, name), "utf8")]))])) as InfrastructureConfigs;
}

/**
 * Absolute path of the workspace; null for none.
 *
 * @throws {SettingsError} when there is no such folder: the engine would make an empty one of root's
 */
export function resolveWorkspace(root: string, { workspace }: Settings): string | null {
  if (workspace === null) return null;
  const path = resolve(root, workspace);
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return path;
  throw new SettingsError([`mcp:workspace: found ${JSON.stringify(workspace)}, allowed: a folder that exists, relative to Pulumi.yaml`]);
}

function entries(root: string, folder: string): string[] {
  const path = join(root, folder);
  return existsSync(path) ? readdirSync(path).toSorted() : [];
}
