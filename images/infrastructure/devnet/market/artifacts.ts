/** Contracts as the protocols published them on npm. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Abi, Address, Hex } from "viem";

export interface Artifact { abi: Abi; bytecode: Hex }

/** Where a library's address belongs: file → library → byte offsets. */
type LinkReferences = Record<string, Record<string, { start: number }[]>>;

const MODULES = join(import.meta.dirname, "../../../../node_modules");

/** Packages that the market is made from: their versions decide what is on the chain. */
export const MARKET_PACKAGES = [
  "@uniswap/v2-core", "@uniswap/v2-periphery", "@uniswap/v3-core", "@uniswap/v3-periphery", "@aave/core-v3", "@balancer-labs/v2-deployments", "viem",
] as const;

export const packageVersion = (name: string): string => (readJson(`${name}/package.json`) as { version: string }).version;

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(join(MODULES, path), "utf8"));
  } catch (error) {
    throw new Error(`node_modules/${path} cannot be read: run npm ci`, { cause: error });
  }
}

/** @param libraries addresses by name, for what the contract links */
export function artifact(path: string, libraries: Record<string, Address> = {}): Artifact {
  const { abi, bytecode, linkReferences = {} } = readJson(path) as { abi: Abi; bytecode: Hex; linkReferences?: LinkReferences };
  return { abi, bytecode: link(path, bytecode.startsWith("0x") ? bytecode : `0x${bytecode}`, linkReferences, libraries) };
}

function link(path: string, bytecode: Hex, references: LinkReferences, libraries: Record<string, Address>): Hex {
  const places = Object.values(references).flatMap((file) => Object.entries(file).flatMap(([name, at]) => at.map(({ start }) => ({ name, start }))));
  return places.reduce((code, { name, start }) => {
    const library = libraries[name];
    if (!library) throw new Error(`${path} links ${name}, which is not deployed yet`);
    const at = 2 + 2 * start;
    return `${code.slice(0, at)}${library.slice(2).toLowerCase()}${code.slice(at + 40)}` as Hex;
  }, bytecode);
}

/** Balancer's older tasks keep interface and code in files of their own. */
export function balancerTask(task: string, name: string): Artifact {
  const folder = `@balancer-labs/v2-deployments/dist/tasks/${task}`;
  return { abi: readJson(`${folder}/abi/${name}.json`) as Abi, bytecode: (readJson(`${folder}/bytecode/${name}.json`) as { creationCode: Hex }).creationCode };
}

/** viem keeps Multicall3's creation code for calls without a deployment; its package does not export the constant. */
export async function multicall3Bytecode(): Promise<Hex> {
  const constants = await import(pathToFileURL(join(MODULES, "viem/_esm/constants/contracts.js")).href) as { multicall3Bytecode: Hex };
  return constants.multicall3Bytecode;
}
