/** Outputs of a deployed stack. */
import { SecretOutputs, StackOutputs } from "../../contract/outputs.ts";
import { failed, missing } from "../system/failure.ts";
import { pulumi, type Stack } from "./stack.ts";

export type AllOutputs = StackOutputs & SecretOutputs;

/** @throws {Failure} with exit code 3 when the stack is not deployed */
export async function publicOutputs(stack: Stack): Promise<StackOutputs> {
  return read(stack, StackOutputs, []);
}

/** With tokens and passwords in clear. */
export async function allOutputs(stack: Stack): Promise<AllOutputs> {
  return read(stack, StackOutputs.extend(SecretOutputs.shape), ["--show-secrets"]);
}

async function read<T>(stack: Stack, schema: { keyof(): { options: readonly string[] }; safeParse(value: unknown): { success: true; data: T } | { success: false; error: Error } }, args: string[]): Promise<T> {
  const text = (await pulumi(stack, ["stack", "output", "--stack", stack.name, "--json", ...args])).stdout;
  const found = JSON.parse(text) as Record<string, unknown>;
  if (found.schemaVersion === undefined) throw missing(`stack ${stack.name} is not deployed: run "./mcp up --stack ${stack.name}" first.`);
  const keys = schema.keyof().options;
  const parsed = schema.safeParse(Object.fromEntries(Object.entries(found).filter(([key]) => keys.includes(key))));
  if (!parsed.success) throw failed(`the outputs of stack ${stack.name} are not those of this version: run "./mcp up --stack ${stack.name}". ${parsed.error.message}`);
  return parsed.data;
}
