/** What runs cost on the market as it was made, the same to the last unit each time. */
import { rpc } from "../../images/infrastructure/devnet/market/builder.ts";
import { findPool, legOn, planOf, sell, type Pool } from "./cycles.ts";
import { LENDER, startRig, VENUE, type Leg, type LenderName, type Rig } from "./rig.ts";

export type GasSnapshot = Record<string, number>;

const ETHER = 10n ** 18n;
/** A pair writes its price accumulators only where the clock has moved since its last trade: 71 000 gas and more, so the clock is set. */
const SECONDS_BETWEEN = 12;

export async function measureGas(): Promise<GasSnapshot> {
  const rig = await startRig();
  try {
    return await measureOn(rig);
  } finally {
    await rig.stop();
  }
}

async function measureOn(rig: Rig): Promise<GasSnapshot> {
  const [first, second] = rig.book.uniswapV2;
  const v2 = (a: string, b: string, dex: typeof first): Pool => findPool(rig, a, b, { venue: VENUE.UniswapV2, router: dex!.router });
  const v3 = (a: string, b: string, feePpm: number): Pool => findPool(rig, a, b, { venue: VENUE.UniswapV3, feePpm });
  const [weth, usdc, usdt] = [rig.token("WETH"), rig.token("USDC"), rig.token("USDT")];
  const dear = v2("WETH", "USDC", second);
  await pin(rig);
  await sell(rig, dear, usdc, 50_000n * 10n ** 6n);

  const cycles: Record<string, Leg[]> = {
    "2 legs V2": [legOn(dear, weth), legOn(v2("WETH", "USDC", first), usdc)],
    "2 legs V2 V3": [legOn(dear, weth), legOn(v3("WETH", "USDC", 3_000), usdc)],
    "3 legs V2 V3 V3": [legOn(dear, weth), legOn(v3("USDC", "USDT", 100), usdc), legOn(v3("WETH", "USDT", 500), usdt)],
    "3 legs V2": [legOn(dear, weth), legOn(v2("USDC", "USDT", first), usdc), legOn(v2("WETH", "USDT", first), usdt)],
  };
  const gas: GasSnapshot = {};
  for (const [name, legs] of Object.entries(cycles)) {
    for (const lender of Object.keys(LENDER) as LenderName[]) {
      const snapshot = await rpc(rig.url, "evm_snapshot");
      // The word of ids is not empty: 255 of 256 runs find it so.
      await pin(rig);
      await succeed(rig, legs, "BalancerV2", ETHER, 2n ** 200n);
      gas[`${lender}, ${name}`] = await succeed(rig, legs, lender, ETHER, 2n ** 200n + 1n);
      await rpc(rig.url, "evm_revert", [snapshot]);
    }
  }
  const snapshot = await rpc(rig.url, "evm_snapshot");
  const legs = cycles["2 legs V2"]!;
  gas["BalancerV2, 2 legs V2, first id of 256"] = await succeed(rig, legs, "BalancerV2", ETHER, 2n ** 201n);
  gas["BalancerV2, 2 legs V2, reverts for its least gain"] = Number((await rig.execute(await planOf(rig, "BalancerV2", legs, ETHER, { minProfit: 10n ** 24n }))).gasUsed);
  gas["any, reverts for its deadline"] = Number((await rig.execute(await planOf(rig, "BalancerV2", legs, ETHER, { deadlineBlock: 1n }))).gasUsed);
  await rpc(rig.url, "evm_revert", [snapshot]);
  return gas;
}

async function pin(rig: Rig): Promise<void> {
  await rpc(rig.url, "anvil_setBlockTimestampInterval", [SECONDS_BETWEEN]);
}

async function succeed(rig: Rig, legs: Leg[], lender: LenderName, amount: bigint, id: bigint): Promise<number> {
  const { status, gasUsed } = await rig.execute(await planOf(rig, lender, legs, amount, { id, deadlineBlock: 1_000_000n }));
  if (status !== "success") throw new Error(`${lender} over ${legs.length} legs reverted`);
  return Number(gasUsed);
}
