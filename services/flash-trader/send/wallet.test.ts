import assert from "node:assert/strict";
import { recoverTransactionAddress } from "viem";
import { mnemonicToAccount, privateKeyToAccount } from "viem/accounts";
import { parseTransaction, toHex } from "viem/utils";
import { openWallet, WELL_KNOWN_ACCOUNTS } from "./wallet.ts";

const KEY = `0x${"4c".repeat(32)}` as const;

describe("the wallet", () => {
  it("signs what it is given, as its own account", async () => {
    const { address, sign } = openWallet(KEY);
    const fees = { maxFeePerGas: 7n, maxPriorityFeePerGas: 2n };
    const { raw } = await sign({ chainId: 31_337, nonce: 3, to: address, data: "0xabcd", gas: 21_000n, fees });
    assert.equal(address, privateKeyToAccount(KEY).address);
    assert.equal(await recoverTransactionAddress({ serializedTransaction: raw as `0x02${string}` }), address);
    const { chainId, nonce, to, data, gas, maxFeePerGas, maxPriorityFeePerGas } = parseTransaction(raw);
    assert.deepEqual({ chainId, nonce, to, data, gas, maxFeePerGas, maxPriorityFeePerGas }, { chainId: 31_337, nonce: 3, to: address.toLowerCase(), data: "0xabcd", gas: 21_000n, ...fees });
  });

  it("knows the keys that everybody has", () => {
    for (let addressIndex = 0; addressIndex < 20; addressIndex++) {
      const key = mnemonicToAccount("test test test test test test test test test test test junk", { addressIndex }).getHdKey().privateKey!;
      assert.ok(openWallet(toHex(key)).isWellKnown, `account ${addressIndex}`);
    }
    assert.equal(WELL_KNOWN_ACCOUNTS.size, 20);
    assert.ok(!openWallet(KEY).isWellKnown);
  });

  it("says of a key that is none nothing of what it found", () => {
    assert.throws(() => openWallet(`${KEY}9`), (error: Error) => !error.message.includes("4c4c"));
  });
});
