/** Runs Pulumi programs under mocks and keeps everything that they asked the engine for, options included. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks.js";
import { parse } from "yaml";

/** Not in the declarations. */
const { waitForRPCs } = pulumi.runtime as unknown as { waitForRPCs(): Promise<void> };

export const ROOT = join(import.meta.dirname, "../..");
/** What the mocked RandomPassword answers. */
export const ROOT_KEY = "the root key of the mocked stack";

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** A resource as it was registered. */
export interface Registered {
  type: string;
  name: string;
  urn: string;
  /** Secrets unwrapped. */
  inputs: Record<string, unknown>;
  /** Top-level inputs that hold a secret somewhere. */
  secretInputs: string[];
  parent: string;
  /** URNs. */
  dependencies: string[];
  protect: boolean;
  retainOnDelete: boolean;
  deleteBeforeReplace: boolean;
  replaceOnChanges: string[];
  ignoreChanges: string[];
  hideDiffs: string[];
}

function unwrap(value: unknown, seen: () => void): unknown {
  if (Array.isArray(value)) return value.map((one) => unwrap(one, seen));
  if (typeof value !== "object" || value === null) return value;
  const object = value as Record<string, unknown>;
  if (object[SIGNATURE] === SECRET) {
    seen();
    return unwrap(object.value, seen);
  }
  return Object.fromEntries(Object.entries(object).map(([key, one]) => [key, unwrap(one, seen)]));
}

interface Request {
  toObject(): {
    type: string; name: string; parent: string; protect?: boolean; retainondelete?: boolean; deletebeforereplace: boolean;
    dependenciesList: string[]; replaceonchangesList: string[]; ignorechangesList: string[]; hidediffsList?: string[];
  };
  getObject(): { toJavaScript(): Record<string, unknown> };
}

function registered(request: Request, urn: string): Registered {
  const { type, name, parent, ...options } = request.toObject();
  const secretInputs: string[] = [];
  const inputs = Object.fromEntries(Object.entries(request.getObject().toJavaScript()).map(([key, value]) => {
    let secret = false;
    const plain = unwrap(value, () => void (secret = true));
    if (secret) secretInputs.push(key);
    return [key, plain];
  }));
  return {
    type, name, urn, inputs, secretInputs, parent,
    dependencies: options.dependenciesList,
    protect: options.protect ?? false,
    retainOnDelete: options.retainondelete ?? false,
    deleteBeforeReplace: options.deletebeforereplace,
    replaceOnChanges: options.replaceonchangesList,
    ignoreChanges: options.ignorechangesList,
    hideDiffs: options.hidediffsList ?? [],
  };
}

/** What the engine and the providers would add. */
function computed(type: string, inputs: Record<string, unknown>): Record<string, unknown> {
  if (type === "random:index/randomPassword:RandomPassword") return { result: ROOT_KEY };
  if (type === "docker:index/remoteImage:RemoteImage") return { imageId: `id of ${String(inputs.name)}` };
  return {};
}

/** Everything a program registers; outputs are what it returns. */
export async function run<T>(stack: string, config: Record<string, unknown>, program: () => Promise<T>): Promise<{ resources: Registered[]; result: T }> {
  const resources: Registered[] = [];
  await pulumi.runtime.setMocks({
    newResource: ({ type, name, inputs }) => ({ id: `id of ${name}`, state: { ...inputs, ...computed(type, inputs) } }),
    call: ({ token }) => { throw new Error(`${token} would need an engine in every preview`); },
  }, "mcp", stack, false);
  pulumi.runtime.setAllConfig(Object.fromEntries(Object.entries(config).map(([key, value]) =>
    [key, typeof value === "string" ? value : JSON.stringify(value)])));
  const original = MockMonitor.prototype.registerResource;
  MockMonitor.prototype.registerResource = function (this: unknown, request: Request, callback: (error: unknown, response: { getUrn(): string }) => void) {
    return original.call(this, request, (error: unknown, response: { getUrn(): string }) => {
      if (!error) resources.push(registered(request, response.getUrn()));
      callback(error, response);
    });
  };
  try {
    const result = await program();
    await waitForRPCs();
    return { resources, result };
  } finally {
    MockMonitor.prototype.registerResource = original;
  }
}

/** Configuration of a stack file, as `pulumi.Config` would hand it over. */
export function stackConfig(stack: string): Record<string, unknown> {
  return (parse(readFileSync(join(ROOT, `Pulumi.${stack}.yaml`), "utf8")) as { config: Record<string, unknown> }).config;
}

/** What an operator adds before the first `up` of prod. */
export const PROD_CONFIG = { "mcp:rpcUrl": "https://rpc.example/v1/s3cret-key" };

export const promiseOf = <T>(output: pulumi.Output<T>): Promise<T> => new Promise((resolve) => output.apply(resolve));
