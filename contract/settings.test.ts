import assert from "node:assert/strict";
import { parseSettings, parseSubnet, SettingsError } from "./settings.ts";

function problems(raw: Record<string, unknown>): readonly string[] {
  try {
    parseSettings(raw);
  } catch (error) {
    assert.ok(error instanceof SettingsError, String(error));
    return error.problems;
  }
  return [];
}

describe("settings", () => {
  it("have a default for everything: an empty stack file is the dev stack", () => {
    assert.deepEqual(parseSettings({}), {
      network: { name: "mcpnet", subnet: "172.20.0.0/16", bridge: "mcp_bridge" },
      namePrefix: "",
      portOffset: 0,
      exposure: "loopback",
      edge: { bind: "127.0.0.1", port: 80, maxBodyBytes: 4_194_304, connectTimeoutSeconds: 2, readTimeoutSeconds: 3_600 },
      replicas: {},
      disabled: [],
      images: {},
      workspace: ".",
      devnet: { enabled: true, chainId: 31_337, seed: "devnet", blockSeconds: 1, forkUrl: null, forkBlock: null },
      trading: { mode: "dry-run" },
      rpcUrl: null,
      protectData: false,
      logs: { maxSizeMiB: 10, maxFiles: 3 },
      memoryBudgetMiB: 16_384,
      resources: {},
    });
  });

  it("take numbers and booleans as text, alone and inside objects", () => {
    const settings = parseSettings({ portOffset: "0", protectData: "true", replicas: '{"builder":"2"}', devnet: { enabled: "true", chainId: "1" } });
    assert.equal(settings.portOffset, 0);
    assert.equal(settings.protectData, true);
    assert.deepEqual(settings.replicas, { builder: 2 });
    assert.equal(settings.devnet.chainId, 1);
  });

  it("expose the edge and mount nothing where only the edge is published", () => {
    const settings = parseSettings({ exposure: "edge" });
    assert.equal(settings.edge.bind, "0.0.0.0");
    assert.equal(settings.workspace, null);
  });

  it("report every problem at once, each with key, finding and what is allowed", () => {
    assert.deepEqual(problems({
      netwrok: "{}",
      network: '{"subnet":"172.20.0.1/16","nmae":"x"}',
      portOffset: "many",
      exposure: "public",
      replicas: '{"builder":0}',
      protectData: "yes",
      edge: '{"port":70000',
      logs: { maxFiles: 2.5 },
      resources: { toolbox: { memoryMiB: 1 } },
    }).toSorted(), [
      'mcp:edge: found "{\\"port\\":70000", allowed: an object',
      'mcp:exposure: found "public", allowed: loopback or edge',
      "mcp:logs.maxFiles: found 2.5, allowed: a whole number from 1 to 20",
      "mcp:network.nmae: unknown key, allowed: one of name, subnet, bridge",
      'mcp:network.subnet: found "172.20.0.1/16", allowed: an IPv4 network of 64 addresses or more in CIDR form, as in 172.20.0.0/16',
      "mcp:netwrok: unknown key, allowed: one of network, namePrefix, portOffset, exposure, edge, replicas, disabled, images, "
        + "workspace, devnet, trading, rpcUrl, protectData, logs, memoryBudgetMiB, resources",
      'mcp:portOffset: found "many", allowed: a whole number from 0 to 49000',
      'mcp:protectData: found "yes", allowed: true or false',
      "mcp:replicas.builder: found 0, allowed: a whole number from 1 to 64",
      "mcp:resources.toolbox.memoryMiB: found 1, allowed: a whole number from 16 to 65536",
    ]);
  });

  it("want exactly one chain", () => {
    assert.match(problems({ devnet: { enabled: false } })[0]!, /^mcp:rpcUrl: found nothing, allowed: an EVM endpoint, because mcp:devnet.enabled is false/);
    assert.match(problems({ rpcUrl: "https://rpc.example/key" })[0]!, /^mcp:rpcUrl: .*two chains/);
    assert.deepEqual(problems({ trading: { mode: "live" } }), ["mcp:trading.liveChainId: found nothing, allowed: the id of the chain that live trades are for, because mcp:trading.mode is live"]);
    assert.equal(parseSettings({ devnet: { enabled: false }, rpcUrl: "https://rpc.example/key" }).rpcUrl, "https://rpc.example/key");
  });

  it("want a fork only where there is a local chain, and no market beside it", () => {
    const forkUrl = "https://rpc.example/s3cret";
    const settings = parseSettings({ devnet: { forkUrl, forkBlock: "19000000", chainId: 1 } });
    assert.deepEqual([settings.devnet.forkUrl, settings.devnet.forkBlock, settings.devnet.chainId], [forkUrl, 19_000_000, 1]);
    assert.match(problems({ devnet: { enabled: false, forkUrl }, rpcUrl: "https://rpc.example" })[0]!,
      /^mcp:devnet\.forkUrl: found something else \(hidden\), allowed: nothing while mcp:devnet\.enabled is false/);
    assert.match(problems({ devnet: { forkBlock: 5 } })[0]!, /^mcp:devnet\.forkBlock: found 5, allowed: nothing without mcp:devnet\.forkUrl/);
    assert.match(problems({ devnet: { forkUrl, seed: "monday" } })[0]!, /^mcp:devnet\.seed: found "monday", allowed: nothing beside mcp:devnet\.forkUrl/);
    assert.match(problems({ devnet: { forkUrl, forkBlock: "latest" } })[0]!, /^mcp:devnet\.forkBlock: found "latest", allowed: a whole number/);
    for (const wrong of ["ftp://node", "node:8545", "file:///etc/passwd", "https://a b"]) {
      assert.deepEqual(problems({ devnet: { forkUrl: wrong } }),
        ["mcp:devnet.forkUrl: found something else (hidden), allowed: a URL starting with http://, https://, ws:// or wss://"]);
    }
  });

  it("want no live trading where nothing trades: on a fork, or on a chain that is not local", () => {
    const trading = { mode: "live", liveChainId: 1 };
    assert.match(problems({ trading, devnet: { forkUrl: "https://rpc.example/s3cret", chainId: 1 } }).join("\n"),
      /^mcp:trading\.mode: found "live", allowed: dry-run beside mcp:devnet\.forkUrl: .*pulumi config rm --path mcp:trading\.mode/);
    assert.match(problems({ trading, devnet: { enabled: false }, rpcUrl: "https://rpc.example" }).join("\n"),
      /^mcp:trading\.mode: found "live", allowed: dry-run while mcp:devnet\.enabled is false: .*set mcp:devnet\.enabled to true/);
    assert.equal(parseSettings({ trading, devnet: { chainId: 1 } }).trading.mode, "live");
  });

  it("never repeat a value that may be secret", () => {
    const told = problems({ devnet: { enabled: false }, rpcUrl: "ftp://user:s3cret@rpc" }).join();
    assert.match(told, /mcp:rpcUrl: found something else \(hidden\)/);
    assert.doesNotMatch(told, /s3cret/);
    const half = problems({ devnet: '{"forkUrl":"https://rpc.example/s3cret"' }).join();
    assert.equal(half, "mcp:devnet: found something else (hidden), allowed: an object");
  });

  for (const [key, value] of [["network", { bridge: "a-name-of-sixteen" }], ["namePrefix", "Test-"], ["edge", { bind: "localhost" }],
    ["images", { postgres: "UPPER" }], ["disabled", "toolbox"], ["replicas", { "Not A Name": 1 }]] as const) {
    it(`refuse ${key} ${JSON.stringify(value)}`, () => assert.equal(problems({ [key]: value }).length, 1));
  }
});

describe("a subnet", () => {
  it("is read as its first and last address", () => {
    assert.deepEqual(parseSubnet("172.20.0.0/16"), { first: 0xac140000, last: 0xac14ffff, prefix: 16 });
  });
  for (const wrong of ["172.20.0.1/16", "172.20.0.0", "300.0.0.0/8", "172.20.0.0/33", "fd00::/64"]) {
    it(`is not ${wrong}`, () => assert.equal(parseSubnet(wrong), null));
  }
});
