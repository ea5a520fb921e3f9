/** What an operator edits, on its way into a container. */
import { CONFIG_DIR } from "../../contract/environment.ts";
import type { ConfigFile } from "../service-spec.ts";

/** Files of one folder below `configs/`: name → text. */
export type ConfigFolder = Readonly<Record<string, string>>;

/** Folders below `configs/` that the infrastructure takes its files from. */
export const CONFIG_FOLDERS = ["rabbitmq", "redis", "etcd", "postgres", "nginx", "devnet"] as const;
export type InfrastructureConfigs = Readonly<Record<(typeof CONFIG_FOLDERS)[number], ConfigFolder>>;

/**
 * Text of a file, with `{{name}}` replaced by the value of that name.
 *
 * @throws {Error} naming a placeholder without a value
 */
export function fillIn(text: string, values: Readonly<Record<string, string | number>>, file: string): string {
  return text.replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) {
      throw new Error(`configs/${file}: {{${name}}} is not one of ${Object.keys(values).map((known) => `{{${known}}}`).join(", ") || "any placeholder: this folder has none"}`);
    }
    return String(value);
  });
}

/**
 * Files as they lie in the container, in the order of `names`.
 *
 * @throws {Error} naming a file that is missing from the folder, or a placeholder that is not known
 */
export function configFiles(
  folderName: string, folder: ConfigFolder, names: readonly string[], values: Readonly<Record<string, string | number>> = {},
): ConfigFile[] {
  return names.map((name) => ({ path: `${CONFIG_DIR}/${name}`, content: fillIn(configText(folderName, folder, name), values, `${folderName}/${name}`) }));
}

/** @throws {Error} when the folder has no such file */
export function configText(folderName: string, folder: ConfigFolder, name: string): string {
  const text = folder[name];
  if (text === undefined) throw new Error(`configs/${folderName}/${name} is missing; restore it from the repository`);
  return text;
}
