/**
 * What a trade is expected to burn. A guess to choose by: before anything is sent, the simulated figure takes its place.
 *
 * Measured on anvil 1.7.1 with the protocols' own bytecode and one executor (2026-11), two V2 legs: V2 flash swap 186 789,
 * Balancer 234 457, Uniswap V3 flash 249 288, Aave 311 881; a V3 in place of a V2 leg 22 662 more. A V2 pair writes its
 * price accumulators at the first swap of a block: up to 35 693 more for each, the first time ever.
 */
import type { Leg } from "../pools/leg.ts";
import { demand } from "../refusal.ts";
import type { LenderKind } from "./lender.ts";

export interface GasTable {
  /** The transaction, the executor's checks and its record of what is done. */
  readonly base: number;
  readonly v2Leg: number;
  readonly v3Leg: number;
  /** Asking the lender and paying it back, beyond what a V2 pair that is the first leg takes. */
  readonly lender: Readonly<Record<LenderKind, number>>;
}

export const MEASURED_GAS: GasTable = {
  base: 62_789, v2Leg: 62_000, v3Leg: 84_662,
  lender: { "uniswap-v2": 47_668, "balancer-v2": 47_668, "uniswap-v3": 62_499, "aave-v3": 125_092 },
};

export function gasOf(legs: readonly Leg[], kind: LenderKind, firstLegLends: boolean, table: GasTable = MEASURED_GAS): number {
  return legs.reduce((sum, { pool }) => sum + (pool.kind === "v2" ? table.v2Leg : table.v3Leg), table.base) + (firstLegLends ? 0 : table.lender[kind]);
}

/** What gas costs in the base token. */
export interface GasPrice {
  /** Wei of the native token a unit of gas: base fee of the next block and tip. */
  readonly weiPerGas: bigint;
  /** Base token's smallest units for a number of wei: 1n to 1n where the base is the wrapped native token. */
  readonly basePerWei: readonly [numerator: bigint, denominator: bigint];
}

/** In the base token's smallest unit, rounded up. @throws {Refusal} `invalid_gas` */
export function gasCost(gas: number, { weiPerGas, basePerWei: [numerator, denominator] }: GasPrice): bigint {
  demand(Number.isSafeInteger(gas) && gas >= 0, "invalid_gas", () => `${gas} gas: a whole number, at least 0`);
  demand(weiPerGas >= 0n && numerator >= 0n && denominator > 0n, "invalid_gas",
    () => `gas at ${weiPerGas} wei, ${numerator}/${denominator} of the base token a wei: none below 0, and a denominator above it`);
  return (BigInt(gas) * weiPerGas * numerator + denominator - 1n) / denominator;
}
