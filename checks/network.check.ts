import assert from "node:assert/strict";
import { containersOf, docker, inspect } from "./support/engine.ts";
import { eventually } from "./support/reach.ts";
import { stack } from "./support/stack.ts";

describe("network", () => {
  it(`has the promised name, subnet and bridge`, async () => {
    const { name, subnet, bridge } = stack().network;
    const [network] = JSON.parse(await docker("network", "inspect", name));
    assert.equal(network.IPAM.Config[0].Subnet, subnet, `subnet of ${name}`);
    assert.equal(network.Options["com.docker.network.bridge.name"], bridge, `bridge of ${name}`);
    assert.equal(network.Driver, "bridge");
  });

  const promised = [...stack().servers, ...stack().agents];
  for (const { container } of promised) {
    it(`${container} is attached to it`, async () => {
      const info = await inspect(container);
      assert.ok(info.NetworkSettings.Networks[stack().network.name], `${container} is not on ${stack().network.name}`);
    });
  }
});

describe("containers", function () {
  this.timeout(60_000);

  it("all of the stack run and are healthy", async () => {
    const names = await containersOf(stack().stack);
    assert.ok(names.length >= stack().servers.length + stack().agents.length + 6, `only ${names.length} containers carry the stack's label`);
    await eventually("containers become healthy", 45_000, async () => {
      const infos = await Promise.all(names.map(inspect));
      const bad = infos.filter((i) => !i.State.Running || i.State.Health?.Status !== "healthy");
      if (bad.length) throw new Error(bad.map((i) => `${i.Name.slice(1)}: ${i.State.Status}, ${i.State.Health?.Status ?? "no health check"}`).join("; "));
      return true;
    });
  });

  it("run without root, privileges or capabilities, within a memory limit", async () => {
    for (const name of await containersOf(stack().stack)) {
      const { Config, HostConfig } = await inspect(name);
      assert.match(Config.User, /^[1-9]\d*(:\d+)?$/, `${name} runs as "${Config.User}"`);
      assert.equal(HostConfig.Privileged, false, `${name} is privileged`);
      assert.ok(HostConfig.CapDrop?.some((c) => /^(CAP_)?ALL$/i.test(c)), `${name} keeps default capabilities`);
      assert.ok(HostConfig.SecurityOpt?.some((o) => o.startsWith("no-new-privileges")), `${name} may gain privileges`);
      assert.ok(HostConfig.Memory > 0, `${name} has no memory limit`);
    }
  });
});
