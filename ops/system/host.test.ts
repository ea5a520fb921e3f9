import assert from "node:assert/strict";
import { distributionOf, thisHost } from "./host.ts";

describe("the machine", () => {
  it("is Debian, Ubuntu, one that calls itself like them, or named as it is", () => {
    assert.equal(distributionOf('NAME="Debian GNU/Linux"\nID=debian\n'), "debian");
    assert.equal(distributionOf('ID=ubuntu\nID_LIKE=debian\n'), "ubuntu");
    assert.equal(distributionOf('ID=linuxmint\nID_LIKE="ubuntu debian"\n'), "ubuntu");
    assert.equal(distributionOf('ID="fedora"\n'), "fedora");
    assert.equal(distributionOf(""), "unknown");
  });

  it("has administration tools on PATH after what the user has there", () => {
    assert.deepEqual(thisHost({ PATH: "/home/me/bin:/usr/sbin" }).env.PATH!.split(":").slice(0, 2), ["/home/me/bin", "/usr/sbin"]);
    assert.ok(thisHost({ PATH: "/bin" }).env.PATH!.endsWith(":/usr/local/sbin:/usr/sbin:/sbin"));
  });
});
