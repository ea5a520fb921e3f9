import assert from "node:assert/strict";
import { kept } from "./down.ts";

describe("taking a stack down", () => {
  it("keeps the data, the key that opens it and the images, and removes containers and networks", () => {
    const resource = (type: string) => ({ urn: `urn:${type}`, type });
    assert.deepEqual(kept([
      resource("docker:index/container:Container"), resource("docker:index/volume:Volume"),
      resource("docker:index/network:Network"), resource("random:index/randomPassword:RandomPassword"), resource("docker:index/remoteImage:RemoteImage"),
    ]), ["urn:docker:index/volume:Volume", "urn:random:index/randomPassword:RandomPassword", "urn:docker:index/remoteImage:RemoteImage"]);
  });
});
