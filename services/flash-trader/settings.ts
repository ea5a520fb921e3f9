/** Settings of the trader, from its environment. */
import type { z } from "zod";
import type { FlashTraderEnvironment } from "../../contract/environment.ts";
import { ConfigError } from "../kit/config.ts";
import type { Limits, ModeSettings } from "./decide/gates.ts";
import type { TrackPolicy } from "./send/track.ts";

export interface TraderSettings extends ModeSettings {
  chainId: number;
  devnetChainId: number | null;
  allowedChainIds: readonly number[];
  limits: Limits;
  /** Wei a unit of gas, over the base fee. */
  tip: bigint;
  mostHeadAgeMs: number;
  policy: TrackPolicy;
  /** Opportunities that are tried at a head, best first. */
  most: number;
  /** Pools sampled at each block beside those that it touched. */
  sampled: number;
}

export type FlashTraderConfig = Readonly<z.output<typeof FlashTraderEnvironment>>;

/** What is needed beside the settings, and is optional in a service's environment. */
export interface Connections { rpcUrl: string; headsUrl: string; etcdUrl: string; key: string }

/** @throws {ConfigError} naming every variable that is missing */
export function connectionsOf(config: FlashTraderConfig): Connections {
  const { MCP_RPC_URL: rpcUrl, MCP_ETCD_URL: etcdUrl, TRADING_KEY: key } = config;
  if (rpcUrl === undefined || etcdUrl === undefined || key === undefined) {
    throw new ConfigError(Object.entries({ MCP_RPC_URL: rpcUrl, MCP_ETCD_URL: etcdUrl, TRADING_KEY: key })
      .filter(([, value]) => value === undefined).map(([name]) => `${name}: missing`));
  }
  // anvil and geth's providers answer WebSockets where they answer HTTP.
  return { rpcUrl: rpcUrl.replace(/^ws/, "http"), headsUrl: rpcUrl.replace(/^http/, "ws"), etcdUrl, key };
}

const REPLACE_AFTER_BLOCKS = 1;
const DROP_AFTER_BLOCKS = 2;
const MOST_TRIED = 3;
const SAMPLED = 4;

/** @param chainId of the market's address book: a trader is for this one chain */
export function traderSettings(config: FlashTraderConfig, chainId: number): TraderSettings {
  return {
    mode: config.TRADING_MODE, liveChainId: config.TRADING_LIVE_CHAIN_ID ?? null, chainId, devnetChainId: config.MCP_DEVNET_CHAIN_ID ?? null,
    allowedChainIds: [chainId],
    limits: {
      leastNetProfit: config.TRADING_LEAST_NET_PROFIT_WEI, leastGasMultiple: config.TRADING_LEAST_GAS_MULTIPLE, mostAmount: config.TRADING_MOST_AMOUNT_WEI,
      mostReserveSharePpm: config.TRADING_MOST_RESERVE_SHARE_PPM, mostGas: config.TRADING_MOST_GAS, hourlyGas: config.TRADING_HOURLY_GAS_WEI,
      hourlyLoss: config.TRADING_HOURLY_LOSS_WEI, hourlyReverts: config.TRADING_HOURLY_REVERTS,
    },
    tip: config.TRADING_TIP_WEI, mostHeadAgeMs: config.TRADING_MOST_HEAD_AGE_MS,
    policy: { replaceAfterBlocks: REPLACE_AFTER_BLOCKS, dropAfterBlocks: DROP_AFTER_BLOCKS, confirmations: config.TRADING_CONFIRMATIONS },
    most: MOST_TRIED, sampled: SAMPLED,
  };
}
