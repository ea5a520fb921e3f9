/** Whole stacks as text. `UPDATE_SNAPSHOTS=1` writes them anew: look at the difference before it is committed. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Registered } from "./harness.ts";
import { inputsOf, TYPES } from "./graph.ts";

const FOLDER = join(import.meta.dirname, "snapshots");

const short = (urn: string): string => urn.split("::").slice(2).join("::").split("$").at(-1)!;

/** Resources in the order of their URNs, without what operators edit: contents of files, and their hash. */
export function portrait(resources: readonly Registered[]): unknown {
  return resources.map(({ urn, inputs, secretInputs, parent, dependencies, type, name, ...options }) => {
    const shown = { ...inputs };
    if (type === TYPES.container) {
      shown.uploads = inputsOf({ inputs } as Registered).uploads.map(({ file, permissions }) => `${permissions} ${file}`);
      shown.labels = inputsOf({ inputs } as Registered).labels.filter(({ label }) => label !== "mcp.config").map(({ label, value }) => `${label}=${value}`);
    }
    return {
      urn: short(urn), parent: short(parent), dependencies: dependencies.map(short).toSorted(), ...options, secretInputs, inputs: shown,
    };
  }).toSorted((a, b) => (a.urn < b.urn ? -1 : 1));
}

export function assertSnapshot(name: string, value: unknown): void {
  const path = join(FOLDER, name);
  const text = `${JSON.stringify(value, null, 1)}\n`;
  if (process.env.UPDATE_SNAPSHOTS === "1") {
    mkdirSync(FOLDER, { recursive: true });
    writeFileSync(path, text);
  }
  assert.ok(existsSync(path), `${path} is missing: run the test with UPDATE_SNAPSHOTS=1`);
  assert.equal(text, readFileSync(path, "utf8"), `${name} differs: if that is meant, run the test with UPDATE_SNAPSHOTS=1 and look at the difference`);
}
