import { z } from "zod";
import { UserFault } from "../../../../kit/errors.ts";
import { defineTool } from "../../../../kit/tool.ts";
import { fromBaseUnits, toBaseUnits, UNIT_DECIMALS, type UnitName } from "../decimals.ts";

const Unit = z.union([z.enum(Object.keys(UNIT_DECIMALS) as [UnitName, ...UnitName[]]), z.int().min(0).max(77)]);
type Unit = z.output<typeof Unit>;

const decimalsOf = (unit: Unit): number => (typeof unit === "number" ? unit : UNIT_DECIMALS[unit]);
const nameOf = (unit: Unit): string => (typeof unit === "number" ? `a unit of ${unit} decimals` : unit);

export const convertUnits = defineTool<null>()({
  name: "convert_units",
  title: "Convert token amounts",
  description: "Converts an amount between wei, gwei, ether or any number of decimals (USDC has 6), exactly, without floating point.",
  input: z.strictObject({
    amount: z.string().regex(/^-?\d{1,78}(\.\d{1,77})?$/, "a decimal number as a string, as in \"1.5\"").describe("Decimal number as a string, as in \"1.5\"."),
    from: Unit.describe("Unit of the amount: a name, or the token's decimals as a number."),
    to: Unit.describe("Unit wanted: a name, or the token's decimals as a number."),
  }).meta({ examples: [{ amount: "1.5", from: "ether", to: "gwei" }] }),
  output: z.object({
    amount: z.string().describe("The amount in the wanted unit, exact."),
    baseUnits: z.string().describe("The amount in the smallest unit of `from`, as contracts hold it."),
  }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  async handler({ amount, from, to }) {
    const units = toBaseUnits(amount, decimalsOf(from));
    if (units === null) {
      throw new UserFault(`${amount} has more decimal places than ${nameOf(from)} (${decimalsOf(from)}): such an amount cannot exist on chain. Round it first.`);
    }
    return { amount: fromBaseUnits(units, decimalsOf(to)), baseUnits: units.toString() };
  },
});
