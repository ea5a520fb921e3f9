import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { Workshop, isAlive, until } from "./harness.ts";

// The protocol classes and what they need come with the SDK, which alone is a dependency of ours.
const require = createRequire(createRequire(import.meta.url).resolve("@pulumi/pulumi"));
const grpc = require("@grpc/grpc-js");
const { LanguageRuntimeClient } = require("@pulumi/pulumi/proto/language_grpc_pb.js");
const messages = require("@pulumi/pulumi/proto/language_pb.js");
const { Struct } = require("google-protobuf/google/protobuf/struct_pb.js");
const { Empty } = require("google-protobuf/google/protobuf/empty_pb.js");

describe("toolchain: the language host's protocol", function () {
  this.timeout(60_000);
  let workshop: Workshop;
  let host: ChildProcess;
  let client: any;
  const lines: string[] = [];

  before(async () => {
    workshop = new Workshop();
    host = spawn(join(workshop.toolchain, "bin/pulumi-language-nodejs"), [], {
      env: { ...process.env, PATH: `${dirname(process.execPath)}:${process.env.PATH}` },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const output = createInterface({ input: host.stdout! });
    const port = await new Promise<string>((done, failed) => {
      output.on("line", (line) => {
        lines.push(line);
        done(line);
      });
      host.on("exit", () => failed(new Error("the host ended")));
    });
    client = new LanguageRuntimeClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  });

  after(() => {
    client?.close();
    host?.kill();
    workshop?.remove();
  });

  function info(directory: string, options: Record<string, unknown> = {}) {
    const value = new messages.ProgramInfo();
    value.setRootDirectory(directory);
    value.setProgramDirectory(directory);
    value.setEntryPoint(".");
    value.setOptions(Struct.fromJavaScript(options));
    return value;
  }

  const call = (method: string, request: unknown): Promise<any> =>
    new Promise((done, failed) => {
      client[method](request, (error: Error | null, response: any) => (error ? failed(error) : done(response.toObject())));
    });

  function install(directory: string, name: string, content: object) {
    const path = join(directory, "node_modules", name);
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, "package.json"), JSON.stringify({ name, version: "9.9.9", ...content }));
  }

  it("announces its port on the first line and nothing else", () => {
    assert.equal(lines.length, 1);
    assert.match(lines[0]!, /^\d+$/);
  });

  it("gives its version", async () => {
    assert.equal((await call("getPluginInfo", new Empty())).version, "v3.259.0");
  });

  it("finds the provider plugins of the installed packages, nested ones too", async () => {
    const program = join(workshop.directory, "packages");
    install(program, "@pulumi/pulumi", {});
    install(program, "@pulumi/docker", { version: "5.2.0", pulumi: { resource: true, name: "docker" } });
    install(program, "plain", { pulumi: { resource: false } });
    install(program, "named", { pulumi: { resource: true, name: "other", version: "1.0.0", server: "https://plugins.invalid" } });
    install(join(program, "node_modules/plain"), "@pulumi/nested", { pulumi: { resource: true } });
    install(program, "bridged", {
      pulumi: { resource: true, name: "any", parameterization: { name: "tiny", version: "2.0.0", value: "YWJj" } },
    });
    const request = new messages.GetRequiredPackagesRequest();
    request.setInfo(info(program));
    const { packagesList } = await call("getRequiredPackages", request);
    const found = packagesList.map((p: any) => [p.name, p.version, p.kind, p.server, p.parameterization?.value ?? ""].join(" "));
    assert.deepEqual(found.sort(), [
      "any 9.9.9 resource  YWJj",
      "docker 5.2.0 resource  ",
      "nested 9.9.9 resource  ",
      "other 1.0.0 resource https://plugins.invalid ",
    ]);

    const older = new messages.GetRequiredPluginsRequest();
    older.setInfo(info(program));
    const { pluginsList } = await call("getRequiredPlugins", older);
    assert.deepEqual(pluginsList.map((p: any) => p.name).sort(), ["any", "docker", "nested", "other"]);
  });

  it("asks for a package manager unless one is chosen", async () => {
    const request = new messages.RuntimeOptionsRequest();
    request.setInfo(info(workshop.directory));
    const { promptsList } = await call("runtimeOptionsPrompts", request);
    assert.equal(promptsList[0].key, "packagemanager");
    assert.deepEqual(promptsList[0].choicesList.map((c: any) => c.stringvalue), ["npm", "yarn", "pnpm", "bun"]);
    request.setInfo(info(workshop.directory, { packagemanager: "npm" }));
    assert.deepEqual((await call("runtimeOptionsPrompts", request)).promptsList, []);
  });

  it("says what it cannot do and why", async () => {
    for (const [method, request] of [
      ["generateProgram", new messages.GenerateProgramRequest()],
      ["generateProject", new messages.GenerateProjectRequest()],
      ["generatePackage", new messages.GeneratePackageRequest()],
      ["pack", new messages.PackRequest()],
      ["link", new messages.LinkRequest()],
    ] as const) {
      await assert.rejects(call(method, request), (error: any) => {
        assert.equal(error.code, grpc.status.UNIMPLEMENTED, method);
        assert.match(error.details, /needs Pulumi's own Node\.js language host/);
        return true;
      });
    }
  });

  function installDependencies(directory: string) {
    const request = new messages.InstallDependenciesRequest();
    request.setInfo(info(directory, { packagemanager: "npm" }));
    const stream = client.installDependencies(request);
    let output = "";
    stream.on("data", (message: any) => {
      output += Buffer.from(message.getStdout_asU8()).toString() + Buffer.from(message.getStderr_asU8()).toString();
    });
    return new Promise<string>((done, failed) => {
      stream.on("end", () => done(output));
      stream.on("error", (error: Error) => failed(Object.assign(error, { output })));
    });
  }

  it("installs dependencies and streams what npm says", async () => {
    const program = join(workshop.directory, "installing");
    mkdirSync(join(program, "local"), { recursive: true });
    writeFileSync(join(program, "local/package.json"), JSON.stringify({ name: "local", version: "1.0.0" }));
    writeFileSync(join(program, "package.json"), JSON.stringify({ name: "installing", dependencies: { local: "file:./local" } }));
    assert.match(await installDependencies(program), /added \d+ package/);
  });

  it("reports an installation that fails", async () => {
    const program = join(workshop.directory, "failing");
    mkdirSync(program);
    writeFileSync(join(program, "package.json"), JSON.stringify({ name: "failing", scripts: { preinstall: "echo from npm >&2; exit 7" } }));
    await assert.rejects(installDependencies(program), (error: any) => {
      assert.match(error.details, /npm install.*failed with exit code 7/);
      assert.match(error.output, /from npm/);
      return true;
    });
  });

  function runPlugin(program: string, args: string[]) {
    const request = new messages.RunPluginRequest();
    request.setInfo(info(program));
    request.setPwd(workshop.directory);
    request.setKind("resource");
    request.setArgsList(args);
    request.setEnvList(["FROM_THE_ENGINE=yes"]);
    const stream = client.runPlugin(request);
    const seen = { stdout: "", stderr: "", exitcode: undefined as number | undefined };
    const ended = new Promise<void>((done) => {
      stream.on("data", (message: any) => {
        if (message.hasStdout()) seen.stdout += Buffer.from(message.getStdout_asU8()).toString();
        if (message.hasStderr()) seen.stderr += Buffer.from(message.getStderr_asU8()).toString();
        if (message.hasExitcode()) seen.exitcode = message.getExitcode();
      });
      stream.on("end", done);
      stream.on("error", () => done());
    });
    return { stream, seen, ended };
  }

  it("runs a plugin with its arguments, environment, streams and exit code", async () => {
    const program = workshop.folder("plugin", {
      "package.json": JSON.stringify({ name: "plugin", main: "index.js" }),
      "index.js": `
        console.log(process.argv.slice(2).join(" "), process.env.FROM_THE_ENGINE, process.cwd());
        console.error("from the plugin");
        process.exit(5);`,
    });
    const { seen, ended } = runPlugin(program, ["--logtostderr", "127.0.0.1:1234"]);
    await ended;
    assert.equal(seen.stdout, `127.0.0.1:1234 yes ${workshop.directory}\n`);
    assert.equal(seen.stderr, "from the plugin\n");
    assert.equal(seen.exitcode, 5);
  });

  for (const how of ["the call is cancelled", "Cancel is called"]) {
    it(`ends a plugin when ${how}`, async () => {
      const program = workshop.folder("waiting", {
        "package.json": JSON.stringify({ name: "waiting", main: "index.js" }),
        "index.js": `console.log(process.pid); setTimeout(() => {}, 120_000);`,
      });
      const { stream, seen, ended } = runPlugin(program, []);
      while (!/\d+\n/.test(seen.stdout)) await new Promise((tick) => setTimeout(tick, 20));
      if (how === "Cancel is called") await call("cancel", new Empty());
      else stream.cancel();
      await ended;
      assert.ok(await until(() => !isAlive(Number(seen.stdout)), 3_000), "the plugin still runs");
    });
  }

  it("ends with its parent's SIGINT, its plugins too", async () => {
    const program = join(workshop.directory, "waiting");
    const { seen } = runPlugin(program, []);
    while (!/\d+\n/.test(seen.stdout)) await new Promise((tick) => setTimeout(tick, 20));
    const gone = new Promise((done) => host.on("exit", done));
    host.kill("SIGINT");
    await gone;
    assert.ok(!isAlive(Number(seen.stdout)), "the plugin still runs");
  });
});
