import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compilerFiles } from "./readable.ts";
import { Sandbox, type SandboxLimits } from "./sandbox.ts";
import { standardInput, SoliditySettings } from "./solidity-settings.ts";
import { TypescriptOptions } from "./typescript-options.ts";

/** Stands in for the compilers: does what the job's first file says. */
const ENTRY = `
import { json } from "node:stream/consumers";
const { files } = await json(process.stdin);
const what = Object.keys(files)[0];
const tried = async (attempt) => { try { await attempt(); return "done"; } catch (error) { return error.code; } };
const answers = {
  env: () => Object.keys(process.env),
  escape: async () => ({
    read: await tried(async () => (await import("node:fs")).readFileSync("/etc/hostname")),
    write: await tried(async () => (await import("node:fs")).writeFileSync("/tmp/builder-escaped", "x")),
    spawn: await tried(async () => (await import("node:child_process")).spawnSync("true")),
    worker: await tried(async () => new ((await import("node:worker_threads")).Worker)("1", { eval: true })),
  }),
  hang: () => new Promise(() => setInterval(() => {}, 1000)),
  spin: () => { for (;;); },
  hoard: async () => { const all = []; for (;;) { all.push(Buffer.alloc(2 ** 24, 1)); await new Promise((next) => setTimeout(next, 20)); } },
  flood: () => "x".repeat(3_000_000),
  crash: () => { throw new Error("compiler bug"); },
};
console.log(JSON.stringify(await answers[what]()));
`;

describe("Sandbox", function () {
  // Each test starts a process, which a busy machine may keep waiting.
  this.timeout(30_000);
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "sandbox-test-"));
    await writeFile(join(folder, "entry.mjs"), ENTRY);
  });
  after(() => rm(folder, { recursive: true }));

  function run(what: string, limits: Partial<SandboxLimits> = {}, signal: AbortSignal = new AbortController().signal): Promise<unknown> {
    const sandbox = new Sandbox(join(folder, "entry.mjs"), [folder], { timeoutMs: 20_000, memoryMiB: 256, maxOutputBytes: 2_000_000, ...limits });
    return sandbox.compile({ language: "typescript", files: { [what]: "" }, options: {} as never }, signal);
  }

  it("gives the process no environment", async () => {
    assert.deepEqual(await run("env"), []);
  });
  it("lets it read nothing but its own files, write nothing, and start nothing", async () => {
    const denied = "ERR_ACCESS_DENIED";
    assert.deepEqual(await run("escape"), { read: denied, write: denied, spawn: denied, worker: denied });
  });
  it("stops at the time limit, also in a loop that never yields", async () => {
    await assert.rejects(run("spin", { timeoutMs: 500 }), { name: "PermanentError", message: /did not end within 0\.5 s/ });
  });
  it("stops at the memory limit, also for memory outside the JavaScript heap", async () => {
    await assert.rejects(run("hoard"), { name: "PermanentError", message: /needed more than 256 MiB/ });
  });
  it("stops at too much output", async () => {
    await assert.rejects(run("flood"), { name: "PermanentError", message: /output is larger than 2000000 bytes/ });
  });
  it("kills the process when the task is cancelled", async () => {
    const children = async () => (await readFile(`/proc/self/task/${process.pid}/children`, "utf8").catch(() => "")).split(" ").filter(Boolean);
    // Other tests of this process may keep a child for later, as esbuild does.
    const others = await children();
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error("cancelled by test")), 300);
    await assert.rejects(run("hang", {}, controller.signal), /cancelled by test/);
    const deadline = Date.now() + 5_000;
    const left = async () => (await children()).filter((pid) => !others.includes(pid));
    while ((await left()).length > 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
    assert.deepEqual(await left(), [], "no child is left");
  });
  it("does not take a crash for an answer, and lets it be tried again", async () => {
    await assert.rejects(run("crash"), (error: Error) => error.name === "Error" && /ended with 1/.test(error.message));
  });
});

describe("Sandbox with the builder's entry point", function () {
  this.timeout(60_000);
  const entry = fileURLToPath(new URL("../main.ts", import.meta.url));
  const sandbox = new Sandbox(entry, compilerFiles(entry), { timeoutMs: 60_000, memoryMiB: 768, maxOutputBytes: 2 ** 24 });
  const { signal } = new AbortController();

  it("runs both compilers with nothing but their own files to read", async () => {
    const sources = { "A.sol": "contract A {}" };
    const [solidity, typescript] = await Promise.all([
      sandbox.compile({ language: "solidity", input: standardInput(sources, SoliditySettings.parse({})) }, signal),
      sandbox.compile({ language: "typescript", files: { "a.ts": "export const a: number[] = [1].map((x) => x + 1);" }, options: TypescriptOptions.parse({}) }, signal),
    ]);
    assert.deepEqual(Object.keys(solidity.output.contracts!["A.sol"]!), ["A"]);
    assert.deepEqual(typescript.output, { diagnostics: [], emitted: { "a.js": "export const a = [1].map((x) => x + 1);\n" } });
  });
});
