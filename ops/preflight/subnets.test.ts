import assert from "node:assert/strict";
import fc from "fast-check";
import { overlap, parseRoutes } from "./subnets.ts";

describe("subnets", () => {
  it("reads the host's routes, without the default one", () => {
    const table = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
      + "eth0\t00000000\t0100A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"
      + "eth0\t0000A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"
      + "tun0\t000014AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n";
    assert.deepEqual(parseRoutes(table), [{ subnet: "192.168.0.0/24", device: "eth0" }, { subnet: "172.20.0.0/16", device: "tun0" }]);
  });

  it("finds a network inside another, either way round, and no neighbour", () => {
    assert.ok(overlap("172.20.0.0/16", "172.20.4.0/24"));
    assert.ok(overlap("172.20.4.0/24", "172.16.0.0/12"));
    assert.ok(!overlap("172.20.0.0/16", "172.21.0.0/16"));
    assert.ok(!overlap("172.20.0.0/16", "fd00::/64"));
  });

  it("agrees with comparing every address of small networks", () => {
    const network = fc.tuple(fc.nat(255), fc.integer({ min: 24, max: 32 })).map(([byte, prefix]) => {
      const size = 2 ** (32 - prefix);
      return { cidr: `10.0.0.${byte - (byte % size)}/${prefix}`, from: byte - (byte % size), size };
    });
    fc.assert(fc.property(network, network, (a, b) => {
      const addresses = new Set(Array.from({ length: a.size }, (_, i) => a.from + i));
      return overlap(a.cidr, b.cidr) === Array.from({ length: b.size }, (_, i) => b.from + i).some((address) => addresses.has(address));
    }));
  });
});
