import assert from "node:assert/strict";
import { callTool } from "../../../../kit/testing.ts";
import { convertUnits } from "./convert-units.ts";

const convert = (amount: string, from: unknown, to: unknown) => callTool(convertUnits, null, { amount, from, to });

describe("convert_units", () => {
  it("converts exactly between named units and decimals", async () => {
    const cases = [
      ["1.5", "ether", "wei", "1500000000000000000"], ["1", "wei", "ether", "0.000000000000000001"], ["30", "gwei", "wei", "30000000000"],
      ["1234.567891", 6, "wei", "1234567891"], ["-0.1", "gwei", "mwei", "-100"],
      ["115792089237316195423570985008687907853269984665640564039457584007913129639935", "wei", "ether", "115792089237316195423570985008687907853269984665640564039457.584007913129639935"],
    ] as const;
    for (const [amount, from, to, expected] of cases) assert.equal((await convert(amount, from, to)).amount, expected, `${amount} ${from}`);
    assert.equal((await convert("2.5", 6, 8)).baseUnits, "2500000");
  });

  it("refuses an amount that the unit cannot hold", async () => {
    await assert.rejects(convert("0.5", "wei", "ether"), /0\.5 has more decimal places than wei \(0\).*Round it first/);
    await assert.rejects(convert("1.1234567", 6, "wei"), /a unit of 6 decimals/);
    await assert.rejects(convert("1e18", "wei", "ether"), /decimal number as a string/);
  });
});
