/** The `test` stack, deployed once for all files of this folder and taken down at the end. */
import assert from "node:assert/strict";
import { Checkout, type Run } from "./checkout.ts";
import { clear } from "./engine.ts";

export const STACK = "test";

export interface TestStack { checkout: Checkout; up: Run }

let deployed: Promise<TestStack> | undefined;

/** Deploys on first use. */
export function testStack(): Promise<TestStack> {
  return (deployed ??= deploy());
}

async function deploy(): Promise<TestStack> {
  clear(STACK);
  const checkout = new Checkout("live");
  const up = await checkout.mcp(["up", "--stack", STACK, "--yes"]);
  assert.equal(up.code, 0, `./mcp up --stack ${STACK} failed:\n${up.all.slice(-4000)}`);
  return { checkout, up };
}

/** Outputs of the deployed stack, secrets included. */
export async function outputs(): Promise<any> {
  const { checkout } = await testStack();
  const run = await checkout.mcp(["outputs", "--stack", STACK, "--json", "--show-secrets"]);
  assert.equal(run.code, 0, run.all);
  return JSON.parse(run.stdout);
}

// At the level of the whole run: the files of this folder share the stack.
after(async function () {
  this.timeout(120_000);
  if (!deployed) return;
  const { checkout } = await deployed.catch(() => ({ checkout: null }));
  clear(STACK);
  checkout?.remove();
});
