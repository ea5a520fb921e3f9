/**
 * Store clients are loaded at their first use: ioredis alone costs 15 MB, and most services never touch it. They are
 * CommonJS, so a plain `require("pg")` inside a function does it: esbuild bundles the package and runs it when called;
 * under plain Node, where ES modules have no `require`, it comes from here.
 */
import { createRequire } from "node:module";

globalThis.require ??= createRequire(import.meta.url);
