/**
 * Settings of a stack: the `mcp:` keys of `Pulumi.<stack>.yaml`. Every key has a default, so a stack file holds what
 * differs and nothing else. Each schema's error message says what is allowed; `parseSettings` adds key and finding.
 */
import { isIPv4 } from "node:net";
import { z } from "zod";

/** Pulumi hands numbers over as text where a person wrote them with `config set`, and `0` always. */
const numeric = (value: unknown): unknown => (typeof value === "string" && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value);
const boolean = (value: unknown): unknown => (value === "true" ? true : value === "false" ? false : value);
const json = (value: unknown): unknown => {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
};

const whole = (min: number, max: number) => {
  const error = `a whole number from ${min} to ${max}`;
  return z.preprocess(numeric, z.number({ error }).int({ error }).min(min, { error }).max(max, { error }));
};
const decimal = (min: number, max: number) => {
  const error = `a number from ${min} to ${max}`;
  return z.preprocess(numeric, z.number({ error }).min(min, { error }).max(max, { error }));
};
const flag = () => z.preprocess(boolean, z.boolean({ error: "true or false" }));
const choice = <const T extends [string, ...string[]]>(...values: T) => z.enum(values, { error: values.join(" or ") });
const text = (pattern: RegExp, error: string) => z.string({ error }).regex(pattern, { error });
const name = () => text(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, "a name: lower case words joined by hyphens");
const group = <S extends z.ZodRawShape>(shape: S) =>
  z.preprocess(json, z.strictObject(shape, {
    error: (issue) => (issue.code === "unrecognized_keys" ? `one of ${Object.keys(shape).join(", ")}` : "an object"),
  }));
const byName = <V extends z.ZodType>(value: V) =>
  z.preprocess(json, z.record(name(), value, {
    error: (issue) => (issue.code === "invalid_key" ? "a name: lower case words joined by hyphens" : "an object from name to value"),
  }));

/** `[address, prefix length]` as a 32-bit number and its mask; null unless it is an IPv4 network in CIDR form. */
export function parseSubnet(subnet: string): { first: number; last: number; prefix: number } | null {
  const match = /^([\d.]+)\/(\d{1,2})$/.exec(subnet);
  if (!match || !isIPv4(match[1]!) || Number(match[2]) > 32) return null;
  const prefix = Number(match[2]);
  const first = match[1]!.split(".").reduce((sum, byte) => sum * 256 + Number(byte), 0);
  const size = 2 ** (32 - prefix);
  return first % size === 0 ? { first, last: first + size - 1, prefix } : null;
}

const SUBNET = "an IPv4 network of 64 addresses or more in CIDR form, as in 172.20.0.0/16";
const subnet = z.string({ error: SUBNET }).refine((value) => {
  const parsed = parseSubnet(value);
  return parsed !== null && parsed.prefix >= 8 && parsed.prefix <= 26;
}, { error: SUBNET });
const endpoint = () => text(/^(https?|wss?):\/\/[^\s]+$/, "a URL starting with http://, https://, ws:// or wss://");
const address = z.string({ error: "an IPv4 address" }).refine(isIPv4, { error: "an IPv4 address" });

const shape = {
  network: group({
    name: text(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/, "a Docker network name").default("mcpnet"),
    subnet: subnet.default("172.20.0.0/16"),
    /** Interface names end at 15 characters (IFNAMSIZ). */
    bridge: text(/^[A-Za-z0-9_-]{1,15}$/, "an interface name of 1 to 15 letters, digits, _ or -").default("mcp_bridge"),
  }).prefault({}).describe("The bridge network; no two stacks on one engine may share any of the three."),
  namePrefix: text(/^([a-z][a-z0-9]*-)?$/, "nothing, or a lower case word and a hyphen").default("")
    .describe("Stands before the names of containers, volumes and images."),
  portOffset: whole(0, 49_000).default(0).describe("Added to every published port."),
  exposure: choice("loopback", "edge").default("loopback")
    .describe("loopback: every port on 127.0.0.1. edge: the edge's port and no other."),
  edge: group({
    bind: address.optional().describe("Address the edge is published on; 127.0.0.1 for loopback, 0.0.0.0 for edge."),
    port: whole(1, 65_535).default(80),
    maxBodyBytes: whole(1_024, 1_073_741_824).default(4_194_304),
    connectTimeoutSeconds: whole(1, 60).default(2),
    readTimeoutSeconds: whole(5, 86_400).default(3_600),
  }).prefault({}),
  replicas: byName(whole(1, 64)).default({}).describe("Instances by server or agent type."),
  disabled: z.preprocess(json, z.array(name(), { error: "a list of names" })).default([]).describe("What is not deployed."),
  images: byName(text(/^[a-z0-9][\w./:-]*(@sha256:[0-9a-f]{64})?$/, "an image reference, as in repo@sha256:…")).default({})
    .describe("Finished images, used instead of building."),
  workspace: z.string({ error: "a path, relative to Pulumi.yaml" }).optional()
    .describe("Folder mounted read-only at /workspace; \".\" for loopback, nothing for edge."),
  devnet: group({
    enabled: flag().default(true),
    chainId: whole(1, 4_294_967_295).default(31_337),
    /** The market's depths are drawn with it, and its trader's trades. */
    seed: text(/^[\w.-]{1,64}$/, "1 to 64 letters, digits, dots, hyphens or underscores").optional(),
    /** 0: every transaction makes a block of its own at once. */
    blockSeconds: whole(0, 60).default(1),
    /** A chain to begin as a copy of, instead of the market. May be a secret. */
    forkUrl: endpoint().optional(),
    /** Absent: the newest when the chain starts. */
    forkBlock: whole(0, 4_294_967_295).optional(),
  }).prefault({}).describe("The local EVM chain."),
  trading: group({
    mode: choice("dry-run", "live").default("dry-run"),
    /** The one chain that live trades are for; without it there is none, whatever the mode. */
    liveChainId: whole(1, 4_294_967_295).optional(),
  }).prefault({}).describe("The flash trader: live only with both, mode live and the id of the chain that answers."),
  rpcUrl: endpoint().optional()
    .describe("External EVM endpoint, where the devnet is off. May be a secret."),
  protectData: flag().default(false).describe("Refuses to delete volumes and the root key."),
  logs: group({
    maxSizeMiB: whole(1, 1_024).default(10),
    maxFiles: whole(1, 20).default(3),
  }).prefault({}).describe("Rotation of each container's log."),
  memoryBudgetMiB: whole(512, 4_194_304).default(16_384).describe("What all memory limits may sum up to."),
  resources: byName(group({
    memoryMiB: whole(16, 65_536).optional(),
    cpus: decimal(0.1, 64).optional(),
  })).default({}).describe("Limits other than the catalogue's, by service."),
};

const Schema = z.strictObject(shape, { error: () => `one of ${Object.keys(shape).join(", ")}` })
  .superRefine((settings, context) => {
    const say = (key: string, found: unknown, allowed: string) =>
      context.addIssue({ code: "custom", path: key.split("."), message: allowed, input: found });
    if (settings.trading.mode === "live" && settings.trading.liveChainId === undefined) {
      say("trading.liveChainId", undefined, "the id of the chain that live trades are for, because mcp:trading.mode is live");
    }
    if (settings.trading.mode === "live" && settings.devnet.forkUrl !== undefined) {
      say("trading.mode", "live", "dry-run beside mcp:devnet.forkUrl: a fork has neither the market nor its flash trader, so nothing trades there; "
        + "pulumi config rm --path mcp:trading.mode, or rm --path mcp:devnet.forkUrl to trade on the market");
    }
    if (settings.trading.mode === "live" && !settings.devnet.enabled) {
      say("trading.mode", "live", "dry-run while mcp:devnet.enabled is false: the flash trader runs beside the local chain's market alone; "
        + "pulumi config rm --path mcp:trading.mode, or set mcp:devnet.enabled to true");
    }
    if (!settings.devnet.enabled && settings.rpcUrl === undefined) {
      say("rpcUrl", undefined, "an EVM endpoint, because mcp:devnet.enabled is false; pulumi config set --secret mcp:rpcUrl https://…");
    }
    if (settings.devnet.enabled && settings.rpcUrl !== undefined) {
      say("rpcUrl", undefined, "nothing while mcp:devnet.enabled is true: two chains would answer; set it to false");
    }
    const { enabled, forkUrl, forkBlock, seed } = settings.devnet;
    if (!enabled && forkUrl !== undefined) {
      say("devnet.forkUrl", undefined, "nothing while mcp:devnet.enabled is false: there is no local chain to be a fork; set it to true, or use mcp:rpcUrl");
    }
    if (forkBlock !== undefined && forkUrl === undefined) {
      say("devnet.forkBlock", forkBlock, "nothing without mcp:devnet.forkUrl; pulumi config set --secret --path mcp:devnet.forkUrl https://…");
    }
    if (seed !== undefined && forkUrl !== undefined) {
      say("devnet.seed", seed, "nothing beside mcp:devnet.forkUrl: a fork has neither the market nor its trader; remove one of the two");
    }
  })
  .transform((settings) => ({
    ...settings,
    edge: { ...settings.edge, bind: settings.edge.bind ?? (settings.exposure === "edge" ? "0.0.0.0" : "127.0.0.1") },
    devnet: {
      ...settings.devnet,
      seed: settings.devnet.seed ?? "devnet",
      /** Its value may be a secret: it reaches one container, as a file. Null: the chain starts with the market. */
      forkUrl: settings.devnet.forkUrl ?? null,
      forkBlock: settings.devnet.forkBlock ?? null,
    },
    /** Null: nothing is mounted. */
    workspace: settings.workspace ?? (settings.exposure === "edge" ? null : "."),
    /** Its value may be a secret: it reaches containers as a file. */
    rpcUrl: settings.rpcUrl ?? null,
  }));
export type Settings = z.output<typeof Schema>;

/** Keys, for `Pulumi.yaml` and the documentation. */
export const SETTINGS_KEYS = Object.keys(shape);

/** Lists every problem at once, one line each. */
export class SettingsError extends Error {
  override name = "SettingsError";
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(problems.join("\n"));
    this.problems = problems;
  }
}

const SECRET_KEYS: readonly string[] = ["rpcUrl", "devnet.forkUrl"];
/** Also of what holds one: it may have come as text that is no object. */
const mayHoldSecret = (key: string): boolean => SECRET_KEYS.some((secret) => secret === key || secret.startsWith(`${key}.`));

/**
 * Checks the settings of a stack.
 *
 * @param raw values by key without `mcp:`; JSON text for objects, as Pulumi hands it over, or the values themselves
 * @throws {SettingsError} naming each wrong key, what was found and what is allowed
 */
export function parseSettings(raw: Record<string, unknown>): Settings {
  const parsed = Schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  throw new SettingsError(parsed.error.issues.flatMap((issue) => {
    const paths = issue.code === "unrecognized_keys" ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
    return paths.map((path) => {
      const prefix = `mcp:${path.join(".")}:`;
      return issue.code === "unrecognized_keys"
        ? `${prefix} unknown key, allowed: ${issue.message}`
        : `${prefix} found ${found(raw, path)}, allowed: ${issue.message}`;
    });
  }));
}

function found(raw: unknown, path: readonly PropertyKey[]): string {
  const value = path.reduce<unknown>((at, key) => {
    const object = json(at);
    return typeof object === "object" && object !== null ? (object as Record<PropertyKey, unknown>)[key] : undefined;
  }, raw);
  if (value === undefined) return "nothing";
  return mayHoldSecret(path.join(".")) ? "something else (hidden)" : JSON.stringify(value);
}
