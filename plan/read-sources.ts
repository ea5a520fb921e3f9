/** The one place of the planner that touches the file system. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
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

function entries(root: string, folder: string): string[] {
  const path = join(root, folder);
  return existsSync(path) ? readdirSync(path).toSorted() : [];
}
