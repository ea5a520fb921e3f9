import assert from "node:assert/strict";
import { concat, getAddress, keccak256, pad, type Hex } from "viem";
import { callTool } from "../../../../kit/testing.ts";
import { startTokenChain, type TokenChain } from "../testing.ts";
import { getCode } from "./get-code.ts";

const SLOT_1967 = "0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc";

describe("get_code", function () {
  this.timeout(30_000);
  let network: TokenChain;
  const raw = (method: string, ...params: unknown[]): Promise<unknown> => network.chain.request({ method, params } as never);
  before(async () => { network = await startTokenChain(); });
  after(() => network?.stop());

  it("tells code by size and hash, and shows it only where asked", async () => {
    const bare = await callTool(getCode, network.deps, { address: network.token });
    assert.deepEqual([bare.isContract, bare.proxy, bare.code], [true, null, null]);
    const { code } = await callTool(getCode, network.deps, { address: network.token, withCode: true });
    assert.deepEqual([keccak256(code as Hex), code!.length], [bare.codeHash, 2 + 2 * bare.sizeBytes]);
    const nobody = await callTool(getCode, network.deps, { address: `0x${"9".repeat(40)}` });
    assert.deepEqual([nobody.isContract, nobody.sizeBytes, nobody.codeHash], [false, 0, null]);
    const early = await callTool(getCode, network.deps, { address: network.token, block: network.deployedAt - 1 });
    assert.equal(early.isContract, false);
  });

  it("finds what each kind of proxy calls", async () => {
    const [minimal, delegated, upgradeable] = ["a1", "a2", "a3"].map((byte) => `0x${byte.repeat(20)}` as Hex);
    await raw("anvil_setCode", minimal, concat(["0x363d3d373d3d3d363d73", network.token, "0x5af43d82803e903d91602b57fd5bf3"]));
    await raw("anvil_setCode", delegated, concat(["0xef0100", network.token]));
    await raw("anvil_setCode", upgradeable, "0x00");
    await raw("anvil_setStorageAt", upgradeable, SLOT_1967, pad(network.token));
    await raw("evm_mine");
    for (const [address, kind] of [[minimal, "eip-1167"], [delegated, "eip-7702"], [upgradeable, "eip-1967"]]) {
      assert.deepEqual((await callTool(getCode, network.deps, { address })).proxy, { kind, implementation: getAddress(network.token) }, kind);
    }
  });
});
