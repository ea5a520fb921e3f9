import assert from "node:assert/strict";
import { contractsOf, diagnosticsOf } from "./solidity-output.ts";

describe("diagnosticsOf", () => {
  it("counts lines and columns although solc counts bytes", () => {
    const sources = { "A.sol": "// é\ncontract A { x }" };
    const start = Buffer.from("// é\ncontract A { ").length;
    assert.deepEqual(diagnosticsOf({ errors: [{ severity: "error", errorCode: "2314", message: "Expected", sourceLocation: { file: "A.sol", start } }] }, sources), [
      { severity: "error", code: "2314", message: "Expected", file: "A.sol", line: 2, column: 14 },
    ]);
  });
  it("leaves the place out where there is none", () => {
    const places = diagnosticsOf({ errors: [
      { severity: "error", message: "no place" },
      { severity: "warning", message: "whole file", sourceLocation: { file: "A.sol", start: -1 } },
      { severity: "info", message: "elsewhere", sourceLocation: { file: "constructor", start: 0 } },
    ] }, { "A.sol": "" });
    assert.deepEqual(places.map(({ severity, file, line }) => [severity, file, line]), [["error", null, null], ["warning", "A.sol", null], ["info", "constructor", null]]);
  });
});

describe("contractsOf", () => {
  it("names libraries to link and says how large the deployed code is", () => {
    const output = { contracts: { "A.sol": { A: { abi: [], evm: { bytecode: { object: "60__$x$__", linkReferences: { "L.sol": { L: [] } } }, deployedBytecode: { object: "6001" } } } } } };
    assert.deepEqual(contractsOf(output), [{
      source: "A.sol", name: "A", abi: [], bytecode: "0x60__$x$__", deployedBytecode: "0x6001", deployedBytes: 2, libraries: ["L.sol:L"], gasEstimates: null,
    }]);
  });
});
