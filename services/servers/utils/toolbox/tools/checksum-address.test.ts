import assert from "node:assert/strict";
import { callTool } from "../../../../kit/testing.ts";
import { checksumAddress } from "./checksum-address.ts";

const checksum = (address: string, chainId?: number) => callTool(checksumAddress, null, { address, ...(chainId ? { chainId } : {}) });

/** Test cases of EIP-55. */
const EIP55 = ["0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359", "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB", "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb"];

describe("checksum_address", () => {
  it("agrees with the examples of EIP-55 and EIP-1191", async () => {
    for (const address of EIP55) {
      assert.deepEqual(await checksum(address), { address, inputChecksum: "valid" });
      assert.deepEqual(await checksum(address.toLowerCase()), { address, inputChecksum: "absent" });
    }
    assert.equal((await checksum(EIP55[0]!.toLowerCase(), 30)).address, "0x5aaEB6053f3e94c9b9a09f33669435E7ef1bEAeD");
  });

  it("notices a wrong casing", async () => {
    const wrong = EIP55[0]!.replace("5aAeb", "5aaeb");
    assert.deepEqual(await checksum(wrong), { address: EIP55[0], inputChecksum: "wrong" });
    await assert.rejects(checksum("0x1234"), /an address is 0x and 40/);
  });
});
