/** WETH and the other tokens, and everything that will be needed of them in the deployer's hands. */
import { artifact } from "./artifacts.ts";
import { TOKENS, unitsWorth, type Symbol } from "./blueprint.ts";
import type { Builder, Contract } from "./builder.ts";

export type Tokens = Record<Symbol, Contract>;

/** More than all pools and lenders take, in thousands of US dollars. */
const SUPPLY = 200_000;

export async function deployTokens(chain: Builder): Promise<Tokens> {
  const [weth, ...others] = TOKENS;
  const wrapped = await chain.deploy(artifact("@aave/core-v3/artifacts/contracts/dependencies/weth/WETH9.sol/WETH9.json"));
  await chain.pay(wrapped, unitsWorth(weth.symbol, SUPPLY), "deposit");
  const tokens: Partial<Tokens> = { [weth.symbol]: wrapped };
  const mintable = artifact("@aave/core-v3/artifacts/contracts/mocks/tokens/MintableERC20.sol/MintableERC20.json");
  for (const { symbol, name, decimals } of others) {
    const token = await chain.deploy(mintable, name, symbol, decimals);
    // The other `mint` names the account; to viem the two are told apart by their arguments.
    await chain.send(token, "mint", unitsWorth(symbol, SUPPLY));
    tokens[symbol] = token;
  }
  return tokens as Tokens;
}

/** Lets a contract take any amount of every token from the sender. */
export async function approveAll(chain: Builder, tokens: Tokens, spender: Contract): Promise<void> {
  for (const token of Object.values(tokens)) await chain.send(token, "approve", spender.address, 2n ** 256n - 1n);
}
