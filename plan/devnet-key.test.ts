import assert from "node:assert/strict";
import { mnemonicToAccount } from "viem/accounts";
import { toHex } from "viem/utils";
import { executorOwnerKey } from "./devnet-key.ts";

describe("the key of the executor's owner on the local chain", () => {
  it("is what a wallet makes of anvil's mnemonic", () => {
    const account = mnemonicToAccount("test test test test test test test test test test test junk", { addressIndex: 7 });
    assert.equal(`0x${executorOwnerKey()}`, toHex(account.getHdKey().privateKey!));
  });
});
