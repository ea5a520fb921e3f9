import { z } from "zod";
import { UserFault } from "../../../../kit/errors.ts";
import { defineTool } from "../../../../kit/tool.ts";
import { findItem, signatureOf } from "../../../shared/abi-items.ts";
import { valuesFromJson } from "../../../shared/abi-values.ts";
import { AbiArgs, Address, out, Quantity } from "../../../shared/evm-schemas.ts";
import { encodeFunctionData, size } from "viem/utils";
import { CodeInput, creationCode, deploymentData } from "../contract-code.ts";
import type { Deps } from "../deps.ts";
import { simulateCalls, simulateDeployment } from "../gas-simulation.ts";

const Call = z.strictObject({
  function: z.string().min(1).max(2_000).describe("Name or signature in the ABI, or a whole declaration."),
  args: AbiArgs.default([]).describe("Arguments."),
  from: Address.optional().describe("Sender; the report's when left out."),
  valueWei: Quantity.prefault("0").describe("Ether to send along, decimal string in wei."),
});

/** Nobody's account, funded inside the simulation only. */
const SENDER = "0x00000000000000000000000000000000000a11CE";

export const reportGas = defineTool<Deps>()({
  name: "report_gas",
  title: "Gas report",
  description: "Deploys a contract and runs calls on it one after another in a simulation on the newest state, and reports the gas of each. Each call sees what those before it changed; nothing is sent. Wants a node with debug_traceCall and eth_simulateV1, as the devnet has.",
  input: z.strictObject({
    ...CodeInput,
    constructorArgs: AbiArgs.default([]).describe("Constructor arguments."),
    address: Address.optional().describe("A deployed contract instead of sources or bytecode; give abi, or whole declarations in the calls."),
    from: Address.optional().describe("Sender and deployer; an account that exists only in the simulation when left out."),
    calls: z.array(Call).max(50).default([]).describe("Calls in order."),
  }),
  output: z.object({
    blockNumber: out.blockNumber,
    address: out.address,
    deployment: z.object({
      gas: z.string().describe("Gas of the deployment."),
      runtimeBytes: z.int().describe("Length of the deployed code."),
    }).nullable().describe("null for a contract that is deployed already."),
    calls: z.array(z.object({
      function: z.string().describe("Canonical signature."),
      status: z.enum(["succeeded", "reverted"]).describe("A reverted call changes nothing and still costs its gas."),
      gas: z.string().describe("Gas used, the transaction's own 21 000 and its calldata included, refunds deducted."),
      calldataBytes: z.int().describe("Length of the calldata."),
      revertReason: z.string().nullable().describe("Why it reverted; written by the contract, so not to be trusted."),
    })).describe("In the order asked for."),
    totalGas: z.string().describe("Deployment and calls together."),
  }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  async handler(input, { deps, signal }) {
    const chain = deps.chain.scope({ signal });
    const from = input.from ?? SENDER;
    if (input.address && (input.sources ?? input.bytecode)) throw new UserFault("Give address for a deployed contract, or sources or bytecode for a new one: not both.");
    const creation = input.address ? null : await creationCode(deps, input, signal);
    const abi = creation?.abi.length ? creation.abi : input.abi;
    const calls = input.calls.map((call) => {
      const item = findItem("function", call.function, abi);
      const data = encodeFunctionData({ abi: [item], functionName: item.name, args: valuesFromJson(item.inputs, call.args) });
      return { signature: signatureOf(item), data, from: call.from ?? from, value: call.valueWei };
    });
    const deployment = creation && await simulateDeployment(chain, { data: deploymentData(creation, input.constructorArgs), from, abi: creation.abi }, signal);
    const to = input.address ?? deployment!.address;
    const { blockNumber, results } = await simulateCalls(chain, { to, calls, abi: abi ?? [], state: deployment?.state ?? {}, funded: input.from ? [] : [from] }, signal);
    const gas = results.map((result) => result.gas);
    return {
      blockNumber,
      address: to,
      deployment: deployment && { gas: deployment.gas.toString(), runtimeBytes: deployment.runtimeBytes },
      calls: results.map((result, i) => ({
        function: calls[i]!.signature, status: result.reason === undefined ? "succeeded" as const : "reverted" as const,
        gas: result.gas.toString(), calldataBytes: size(calls[i]!.data), revertReason: result.reason ?? null,
      })),
      totalGas: gas.reduce((sum, each) => sum + each, deployment?.gas ?? 0n).toString(),
    };
  },
});
