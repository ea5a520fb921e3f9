import assert from "node:assert/strict";
import type { EngineContainer, EngineNetwork } from "../system/engine.ts";
import { diskProblems, portProblems, secondClone, subnetProblems, type Found, type Wanted } from "./preflight.ts";

const ROOT = "/checkout";
const wanted: Wanted = {
  ports: [{ ip: "127.0.0.1", port: 5432, service: "postgres" }],
  network: { name: "mcpnet", subnet: "172.20.0.0/16", bridge: "mcp_bridge" },
  images: ["mcp/toolbox"],
};
const nothing: Found = { containers: [], networks: [], routes: [], listeners: [], freeBytes: null, imagesBuilt: false };
const container = (name: string, more: Partial<EngineContainer> = {}): EngineContainer =>
  ({ id: name, name, state: "running", status: "Up", labels: {}, image: "x", ports: [], ...more });
const network = (name: string, subnet: string, more: Partial<EngineNetwork> = {}): EngineNetwork =>
  ({ id: name, name, subnets: [subnet], bridge: `br-${name}`, labels: {}, ...more });
const published = { ports: [{ ip: "0.0.0.0", port: 5432, protocol: "tcp" }] };
const listener = (owner: { pid: number; program: string } | null) => ({ ip: "0.0.0.0", port: 5432, inode: "1", owner });

describe("preflight", () => {
  describe("of ports", () => {
    it("names the process that holds one, and the setting that moves it", () => {
      const [problem] = portProblems("dev", ROOT, wanted, { ...nothing, listeners: [listener({ pid: 77, program: "postgres" })] });
      assert.match(problem!, /^port 5432 of postgres is held by process 77 \(postgres\): .*mcp:portOffset/);
    });

    it("names another's container before the proxy that listens for it", () => {
      const found = { ...nothing, containers: [container("db", published)], listeners: [listener({ pid: 9, program: "docker-proxy" })] };
      assert.match(portProblems("dev", ROOT, wanted, found)[0]!, /published by container db/);
    });

    it("takes no offence at the stack's own containers", () => {
      const found = { ...nothing, containers: [container("postgres", { ...published, labels: { "mcp.stack": "dev" } })], listeners: [listener({ pid: 9, program: "docker-proxy" })] };
      assert.deepEqual(portProblems("dev", ROOT, wanted, found), []);
      assert.equal(portProblems("test", ROOT, wanted, found).length, 1);
    });

    it("takes no offence at the stack's own containers that an engine which came back is still starting", () => {
      const starting = (program: string) => ({ ...nothing, containers: [container("postgres", { ...published, state: "exited", labels: { "mcp.stack": "dev" } })], listeners: [listener({ pid: 9, program })] });
      assert.deepEqual(portProblems("dev", ROOT, wanted, starting("docker-proxy")), []);
      assert.equal(portProblems("dev", ROOT, wanted, starting("postgres")).length, 1);
      assert.equal(portProblems("test", ROOT, wanted, starting("docker-proxy")).length, 1);
    });

    it("knows that a holder may be hidden from us, and that a stopped container holds nothing", () => {
      assert.match(portProblems("dev", ROOT, wanted, { ...nothing, listeners: [listener(null)] })[0]!, /a process of another user/);
      assert.deepEqual(portProblems("dev", ROOT, wanted, { ...nothing, containers: [container("db", { ...published, state: "exited" })] }), []);
    });
  });

  describe("of the subnet", () => {
    it("finds an overlapping network of the engine, and another's network of our name", () => {
      assert.match(subnetProblems("dev", wanted, { ...nothing, networks: [network("lab", "172.20.3.0/24")] })[0]!,
        /^mcp:network\.subnet: 172\.20\.0\.0\/16 overlaps 172\.20\.3\.0\/24 of the Docker network lab/);
      assert.match(subnetProblems("dev", wanted, { ...nothing, networks: [network("mcpnet", "10.1.0.0/16")] })[0]!, /^mcp:network\.name/);
    });

    it("finds a route of the host, and leaves our own bridge and the networks' own routes alone", () => {
      const routes = (device: string) => ({ ...nothing, routes: [{ subnet: "172.20.0.0/16", device }] });
      assert.match(subnetProblems("dev", wanted, routes("tun0"))[0]!, /reaches through tun0/);
      assert.deepEqual(subnetProblems("dev", wanted, routes("mcp_bridge")), []);
    });

    it("is content with the stack's own network", () => {
      assert.deepEqual(subnetProblems("dev", wanted, { ...nothing, networks: [network("mcpnet", "172.20.0.0/16", { labels: { "mcp.stack": "dev" } })] }), []);
    });
  });

  it("asks for less disk once the images are built", () => {
    const freeBytes = 2 * 2 ** 30;
    assert.match(diskProblems({ freeBytes, imagesBuilt: false })[0]!, /2\.0 GiB left and 5 GiB are needed/);
    assert.deepEqual(diskProblems({ freeBytes, imagesBuilt: true }), []);
    assert.deepEqual(diskProblems({ freeBytes: null, imagesBuilt: false }), []);
  });

  it("names the checkout that has the stack already, unless it is gone or ours", () => {
    const deployed = (folder: string) => [container("nginx", { labels: { "mcp.stack": "dev", "mcp.folder": folder } })];
    const exists = (folder: string) => folder !== "/gone";
    assert.match(secondClone("dev", ROOT, deployed("/other"), exists)!, /by the checkout \/other/);
    assert.equal(secondClone("dev", ROOT, deployed("/gone"), exists), null);
    assert.equal(secondClone("dev", ROOT, deployed(ROOT), exists), null);
    assert.equal(secondClone("test", ROOT, deployed("/other"), exists), null);
  });
});
