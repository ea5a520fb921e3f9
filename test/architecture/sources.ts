/** TypeScript files of this checkout and what they import. */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

const SKIPPED = new Set(["node_modules", ".mcp", ".git", "templates"]);

/** Paths relative to the checkout. */
export function sourceFiles(root: string): string[] {
  const walk = (folder: string): string[] => readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : walk(join(folder, entry.name));
    return entry.name.endsWith(".ts") ? [relative(root, join(folder, entry.name))] : [];
  });
  return walk(root);
}

/** Module names in import and export statements; dynamic imports of a literal count too. */
export function importsOf(file: string): string[] {
  const text = readFileSync(file, "utf8");
  return [...text.matchAll(/^\s*(?:import|export)\s(?:[^"'`;]*?\sfrom\s+)?["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']\s*\)/gm)].map((match) => match[1] ?? match[2]!);
}
