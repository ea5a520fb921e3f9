import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathsOf } from "../../ops/system/paths.ts";

interface Package { dependencies?: Record<string, string>; optionalDependencies?: Record<string, string>; devDependencies?: Record<string, string>; resolved?: string; link?: boolean }

describe("package-lock.json", () => {
  const { root } = pathsOf({});
  const read = (file: string) => JSON.parse(readFileSync(join(root, file), "utf8"));
  const packages = read("package-lock.json").packages as Record<string, Package>;

  it("holds every package that another one asks for, or npm ci refuses it on a fresh clone", () => {
    const found = (path: string, name: string): boolean => {
      for (let at = path; ; at = at.slice(0, Math.max(0, at.lastIndexOf("/node_modules/")))) {
        if (packages[`${at ? `${at}/` : ""}node_modules/${name}`]) return true;
        if (at === "") return false;
      }
    };
    const absent = Object.entries(packages).flatMap(([path, entry]) =>
      Object.keys({ ...entry.dependencies, ...entry.optionalDependencies }).filter((name) => !found(path, name)).map((name) => `${path || "package.json"} → ${name}`));
    assert.deepEqual(absent, []);
  });

  it("says of the direct dependencies what package.json says", () => {
    const { dependencies, devDependencies, optionalDependencies } = read("package.json") as Package;
    const own = packages[""]!;
    assert.deepEqual([own.dependencies, own.devDependencies, own.optionalDependencies], [dependencies, devDependencies, optionalDependencies]);
  });

  it("names no registry's host, so that everybody's own registry serves", () => {
    assert.deepEqual(Object.entries(packages).filter(([, entry]) => entry.resolved && !entry.link).map(([path]) => path), []);
  });
});
