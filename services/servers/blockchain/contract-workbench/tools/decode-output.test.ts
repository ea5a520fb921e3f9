import assert from "node:assert/strict";
import { stringToHex } from "viem/utils";
import { callTool } from "../../../../kit/testing.ts";
import { decodeOutput } from "./decode-output.ts";

const word = (hex: string): string => hex.padStart(64, "0");
const errorText = (text: string): string => `0x08c379a0${word("20")}${word(text.length.toString(16))}${stringToHex(text).slice(2).padEnd(64, "0")}`;

describe("decode_output", () => {
  it("reads one and several return values", async () => {
    const one = await callTool(decodeOutput, null, { data: `0x${word("64")}`, function: "balanceOf(address) view returns (uint256 balance)" });
    assert.deepEqual(one, { outputs: [{ name: "balance", type: "uint256", value: "100" }], revertReason: null });
    const two = await callTool(decodeOutput, null, { data: `0x${word("7")}${word("1")}`, function: "state() returns (int24 tick, bool open)" });
    assert.deepEqual(two.outputs.map(({ value }) => value), ["7", true]);
    const list = await callTool(decodeOutput, null, { data: `0x${word("20")}${word("2")}${word("5")}${word("6")}`, function: "ids() returns (uint256[])" });
    assert.deepEqual(list.outputs.map(({ value }) => value), [["5", "6"]]);
  });

  it("reads a require, a panic and a custom error", async () => {
    const reason = async (data: string, abi?: unknown) => (await callTool(decodeOutput, null, { data, reverted: true, ...(abi ? { abi } : {}) })).revertReason;
    assert.equal(await reason(errorText("too late")), "too late");
    assert.equal(await reason(`0x4e487b71${word("12")}`), "Panic(18): division or modulo by zero");
    assert.equal(await reason(`0xcf479181${word("1")}${word("2")}`, [{ type: "error", name: "InsufficientBalance", inputs: [{ name: "has", type: "uint256" }, { name: "wants", type: "uint256" }] }]), "InsufficientBalance(1, 2)");
    assert.equal(await reason("0xdeadbeef"), null);
  });

  it("notices revert data given as a return value", async () => {
    await assert.rejects(callTool(decodeOutput, null, { data: errorText("paused"), function: "f() returns (uint8, uint8, uint8, uint8, uint8)" }), /reads as revert data \(paused\)/);
    await assert.rejects(callTool(decodeOutput, null, { data: "0x", function: "f()" }), /declares no return values/);
  });
});
