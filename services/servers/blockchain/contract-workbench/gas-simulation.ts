/** Runs a deployment and calls after it on a copy of the newest state, inside the node: nothing is sent. */
import type { Address, Hex } from "viem";
import { getBlockNumber, getCode, getTransactionCount } from "viem/actions";
import { getCreateAddress, numberToHex, size } from "viem/utils";
import { UserFault } from "../../../kit/errors.ts";
import { ask, readRevert, type ChainClient } from "../../shared/evm-client.ts";

/** Accounts as `stateOverrides` wants them. */
export type StateOverrides = Record<Address, { balance?: Hex; nonce?: Hex; code?: Hex; stateDiff?: Record<Hex, Hex> }>;

type RawRequest = (call: { method: string; params: unknown[] }) => Promise<unknown>;

interface CallTrace { gasUsed: Hex; error?: string; output?: Hex }
interface StateDiff { post: Record<Address, { balance?: Hex; nonce?: number; code?: Hex; storage?: Record<Hex, Hex> }> }

/**
 * Ethereum's eth_simulateV1 deploys too, but anvil 1.7 wants a recipient in it. So the constructor is traced, and what
 * it changed becomes the state that the calls start from.
 */
export async function simulateDeployment(chain: ChainClient, { data, from, abi }: { data: Hex; from: Address; abi: readonly unknown[] }, signal: AbortSignal):
  Promise<{ address: Address; gas: bigint; runtimeBytes: number; state: StateOverrides }> {
  const request = chain.request as RawRequest;
  const trace = async (tracer: object): Promise<unknown> => request({ method: "debug_traceCall", params: [{ from, data }, "latest", tracer] });
  const [call, diff, nonce] = await ask("the deployment's trace (debug_traceCall)", Promise.all([
    trace({ tracer: "callTracer" }) as Promise<CallTrace>,
    trace({ tracer: "prestateTracer", tracerConfig: { diffMode: true } }) as Promise<StateDiff>,
    getTransactionCount(chain, { address: from }),
  ]), signal);
  if (call.error) {
    const { reason } = readRevert(call.output ?? "0x", abi);
    throw new UserFault(`The constructor fails (${reason ? JSON.stringify(reason.slice(0, 200)) : call.error}). Check constructorArgs and from.`);
  }
  const address = getCreateAddress({ from, nonce: BigInt(nonce) });
  const runtime = call.output ?? "0x";
  return { address, gas: BigInt(call.gasUsed), runtimeBytes: size(runtime), state: overridesOf(diff) };
}

/** Gas is not charged in the simulation that follows, so the balance it took from the sender is left out. */
function overridesOf({ post }: StateDiff): StateOverrides {
  return Object.fromEntries(Object.entries(post).map(([address, account]) => [address, {
    ...(account.code ? { code: account.code, ...(account.balance ? { balance: account.balance } : {}) } : {}),
    ...(account.nonce === undefined ? {} : { nonce: numberToHex(account.nonce) }),
    ...(account.storage ? { stateDiff: account.storage } : {}),
  }]));
}

export interface SimulatedCall { data: Hex; from: Address; value: bigint }
/** `reason` is undefined for a call that succeeded. */
export interface SimulatedResult { gas: bigint; reason?: string | null }

export async function simulateCalls(
  chain: ChainClient,
  { to, calls, abi, state, funded }: { to: Address; calls: readonly SimulatedCall[]; abi: readonly unknown[]; state: StateOverrides; funded: readonly Address[] },
  signal: AbortSignal,
): Promise<{ blockNumber: number; results: SimulatedResult[] }> {
  const blockNumber = await ask("the block number", getBlockNumber(chain, { cacheTime: 0 }), signal);
  const isNew = Object.keys(state).some((address) => address.toLowerCase() === to.toLowerCase());
  if (!isNew && !(await ask("the code", getCode(chain, { address: to, blockNumber }), signal))) {
    throw new UserFault(`There is no contract at ${to} in block ${blockNumber}. Check the address and, with evm-node's get_chain_status, the chain.`);
  }
  if (calls.length === 0) return { blockNumber: Number(blockNumber), results: [] };
  const overrides: StateOverrides = { ...state };
  for (const address of funded) {
    const key = (Object.keys(overrides).find((known) => known.toLowerCase() === address.toLowerCase()) ?? address) as Address;
    overrides[key] = { ...overrides[key], balance: numberToHex(10n ** 24n) };
  }
  const blocks = await ask("the simulation (eth_simulateV1)", (chain.request as RawRequest)({
    method: "eth_simulateV1",
    params: [{ blockStateCalls: [{ stateOverrides: overrides, calls: calls.map(({ data, from, value }) => ({ from, to, data, value: numberToHex(value) })) }] }, numberToHex(blockNumber)],
  }), signal) as { calls: { status: Hex; gasUsed: Hex; returnData: Hex; error?: { message: string } }[] }[];
  const results = blocks[0]!.calls.map(({ status, gasUsed, returnData }) => ({
    gas: BigInt(gasUsed), ...(BigInt(status) === 1n ? {} : { reason: readRevert(returnData, abi).reason }),
  }));
  return { blockNumber: Number(blockNumber), results };
}
