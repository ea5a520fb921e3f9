import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Workshop, expectFailure, expectSuccess, isAlive, until } from "./harness.ts";

describe("toolchain: the language host", function () {
  this.timeout(60_000);
  let workshop: Workshop;
  let project: string;

  const program = (source: string) => writeFileSync(join(project, "index.ts"), source);
  const runtime = (runtime: string) =>
    writeFileSync(join(project, "Pulumi.yaml"), `name: program\nmain: index.ts\nruntime: ${runtime}\n`);
  const plain = "{ name: nodejs, options: { typescript: false } }";

  before(async () => {
    workshop = new Workshop();
    project = await workshop.project("program", "");
  });
  beforeEach(() => runtime(plain));
  after(() => workshop?.remove());

  it("shows what the program prints, on both streams", async () => {
    program(`console.log("to standard output"); console.error("to standard error");`);
    const result = expectSuccess(await workshop.pulumi(project, ["preview"]));
    assert.match(result.stdout, /to standard output/);
    assert.match(result.stdout, /to standard error/);
  });

  it("reports an exception once, with its stack trace", async () => {
    program(`function inner(): never {\n  throw new Error("broken on purpose");\n}\ninner();\n`);
    const result = expectFailure(await workshop.pulumi(project, ["preview", "--color", "never"]));
    assert.match(result.stdout, /failed with an unhandled exception/);
    assert.match(result.stdout, /Error: broken on purpose\s+at inner .*index\.ts:2:/);
    // What the engine adds when the host does not say that the error was already reported.
    assert.doesNotMatch(result.output, /an unhandled error occurred|exit code/);
  });

  it("reports a rejected promise that nobody awaits", async () => {
    program(`void Promise.reject(new Error("left alone"));`);
    const result = expectFailure(await workshop.pulumi(project, ["preview"]));
    assert.match(result.stdout, /left alone/);
  });

  it("reports the exit code of a program that leaves on its own", async () => {
    program(`process.exit(3);`);
    const result = expectFailure(await workshop.pulumi(project, ["preview"]));
    assert.match(result.output, /Program exited with non-zero exit code: 3/);
  });

  it("passes the configuration, the stack and the kind of run", async () => {
    program(`
      import * as pulumi from "@pulumi/pulumi";
      const config = new pulumi.Config();
      console.log(JSON.stringify([
        config.require("plain"), await pulumi.isSecret(config.requireSecret("hidden")), config.get("hidden"),
        pulumi.getProject(), pulumi.getStack(), pulumi.getOrganization(), pulumi.runtime.isDryRun(),
      ]));`);
    expectSuccess(await workshop.pulumi(project, ["config", "set", "plain", "as it is"]));
    expectSuccess(await workshop.pulumi(project, ["config", "set", "--secret", "hidden", "to be hidden"]));
    const preview = expectSuccess(await workshop.pulumi(project, ["preview"]));
    // The engine masks the secret, which it can only when the program really printed it.
    assert.match(preview.stdout, /\["as it is",true,"\[secret\]","program","test","organization",true\]/);
    const up = expectSuccess(await workshop.pulumi(project, ["up", "--yes", "--skip-preview"]));
    assert.match(up.stdout, /"organization",false\]/);
  });

  const typescript = `console.log("typescript=" + process.env.PULUMI_NODEJS_TYPESCRIPT);`;

  it("lets the runtime option typescript override the environment", async () => {
    program(typescript);
    const off = await workshop.pulumi(project, ["preview"], { PULUMI_NODEJS_TYPESCRIPT: "true" });
    assert.match(expectSuccess(off).stdout, /typescript=false/);
  });

  it("switches TypeScript on by option and by default, and off by the environment", async () => {
    // With "module" neither loader of the SDK touches plain JavaScript, so that it runs either way.
    writeFileSync(join(project, "index.js"), typescript);
    const main = (options: string) =>
      writeFileSync(join(project, "Pulumi.yaml"), `name: program\nmain: index.js\nruntime: { name: nodejs${options} }\n`);

    main(", options: { typescript: true }");
    assert.match(expectSuccess(await workshop.pulumi(project, ["preview"])).stdout, /typescript=true/);
    main("");
    assert.match(expectSuccess(await workshop.pulumi(project, ["preview"])).stdout, /typescript=true/);
    const off = await workshop.pulumi(project, ["preview"], { PULUMI_NODEJS_TYPESCRIPT: "false" });
    assert.match(expectSuccess(off).stdout, /typescript=false/);
  });

  it("passes nodeargs to node and tsconfig to the SDK", async () => {
    runtime(
      `{ name: nodejs, options: { typescript: false, packagemanager: npm, tsconfig: ./own.json, ` +
        `nodeargs: "--max-old-space-size=300 --title 'two words'" } }`,
    );
    writeFileSync(join(project, "own.json"), "{}");
    program(`console.log(process.title, process.execArgv.join("|"), process.env.PULUMI_NODEJS_TSCONFIG_PATH);`);
    const result = expectSuccess(await workshop.pulumi(project, ["preview"]));
    assert.match(result.stdout, /two words --max-old-space-size=300\|--title\|two words \.\/own\.json/);
  });

  it("refuses runtime options of the wrong kind", async () => {
    program("");
    runtime(`{ name: nodejs, options: { typescript: maybe } }`);
    const kind = expectFailure(await workshop.pulumi(project, ["preview"]));
    assert.match(kind.output, /runtime option "typescript" must be true or false/);
    runtime(`{ name: nodejs, options: { packagemanager: apt } }`);
    const manager = expectFailure(await workshop.pulumi(project, ["preview"]));
    assert.match(manager.output, /runtime option "packagemanager" must be auto or one of npm, yarn, pnpm, bun/);
  });

  it("says what to do when the SDK is not installed", async () => {
    const elsewhere = await workshop.project("bare", "");
    rmSync(join(elsewhere, "node_modules"));
    const result = expectFailure(await workshop.pulumi(elsewhere, ["preview"]));
    assert.match(result.output, /the Pulumi SDK for Node\.js is not installed in .*bare: run `npm install` there/);
  });

  it("names the dependencies and the node that runs the program", async () => {
    const about = JSON.parse(expectSuccess(await workshop.pulumi(project, ["about", "--json"])).stdout);
    assert.equal(about.runtime.executable, process.execPath);
    assert.equal(about.runtime.version, process.version);
    const names = about.dependencies.map((d: { name: string }) => d.name).sort();
    assert.deepEqual(names, ["@pulumi/docker", "@pulumi/pulumi", "@pulumi/random"]);
    const all = JSON.parse(expectSuccess(await workshop.pulumi(project, ["about", "--json", "--transitive"])).stdout);
    const grpc = all.dependencies.find((d: { name: string }) => d.name === "@grpc/grpc-js");
    assert.match(grpc.version, /^\d+\.\d+\.\d+$/);
  });

  it("serves dynamic resources", async () => {
    program(`
      import * as pulumi from "@pulumi/pulumi";
      class Doubled extends pulumi.dynamic.Resource {
        declare readonly twice: pulumi.Output<number>;
        constructor(name: string, value: number) {
          super({ async create(inputs: any) { return { id: "one", outs: { twice: inputs.value * 2 } }; } },
            name, { value, twice: undefined });
        }
      }
      export const twice = new Doubled("doubled", 21).twice;`);
    expectSuccess(await workshop.pulumi(project, ["up", "--yes", "--skip-preview"]));
    const outputs = expectSuccess(await workshop.pulumi(project, ["stack", "output", "--json"]));
    assert.equal(JSON.parse(outputs.stdout).twice, 42);
    expectSuccess(await workshop.pulumi(project, ["destroy", "--yes", "--skip-preview"]));
  });

  describe("when the command is interrupted", () => {
    const waiting = (more = "") => `
      import { spawn } from "node:child_process";
      const sleeper = spawn("sleep", ["120"], { stdio: "ignore" });
      ${more}
      console.log("program " + process.pid + " sleeper " + sleeper.pid + " waits");
      await new Promise((done) => setTimeout(done, 120_000));`;

    async function interrupt(source: string, signal: NodeJS.Signals) {
      program(source);
      const running = workshop.start(project, ["preview"]);
      const [, pid, sleeper] = await running.seen(/program (\d+) sleeper (\d+) waits/);
      const began = Date.now();
      process.kill(running.pid, signal);
      const result = await running.result;
      const ended = await until(() => !isAlive(Number(pid)), 10_000);
      const milliseconds = Date.now() - began;
      const sleeperEnded = await until(() => !isAlive(Number(sleeper)), 2_000);
      for (const left of [pid, sleeper].map(Number).filter(isAlive)) process.kill(left, "SIGKILL");
      return { result, ended, milliseconds, sleeperEnded };
    }

    it("ends the program and what it started", async () => {
      const { result, ended, milliseconds, sleeperEnded } = await interrupt(waiting(), "SIGINT");
      assert.notEqual(result.code, 0);
      assert.match(result.output, /preview canceled/);
      assert.ok(ended && sleeperEnded, "a process was left behind");
      assert.ok(milliseconds < 3_000, `it took ${milliseconds} ms`);
    });

    it("lets the program clean up", async () => {
      const { result, ended } = await interrupt(
        waiting(`process.on("SIGINT", () => { console.log("cleaned up"); process.exit(0); });`),
        "SIGINT",
      );
      assert.match(result.output, /cleaned up/);
      assert.ok(ended);
    });

    it("kills a program that does not listen", async () => {
      const { ended, milliseconds, sleeperEnded } = await interrupt(
        waiting(`process.on("SIGINT", () => {}); process.on("SIGTERM", () => {});`),
        "SIGINT",
      );
      assert.ok(ended && sleeperEnded, "a process was left behind");
      assert.ok(milliseconds < 5_000, `it took ${milliseconds} ms`);
    });

    it("ends the program when the engine dies without a word", async () => {
      const { ended, sleeperEnded } = await interrupt(waiting(), "SIGKILL");
      assert.ok(ended && sleeperEnded, "a process was left behind");
    });
  });
});
