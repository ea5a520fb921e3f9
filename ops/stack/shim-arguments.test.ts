import assert from "node:assert/strict";
import { stackToInitialise, workingDirectory } from "./shim-arguments.ts";

const words = (text: string) => text.split(" ");

describe("arguments of plain pulumi", () => {
  it("name the stack in every form that Pulumi takes", () => {
    for (const line of ["up --stack dev", "up --stack=dev", "preview -s dev", "up -sdev", "--stack organization/mcp/dev up", "stack select dev"]) {
      assert.equal(stackToInitialise(words(line)), "dev", line);
    }
    assert.equal(stackToInitialise(["preview"], "dev"), "dev");
  });

  it("name none where a stack is made, removed or not given", () => {
    for (const line of ["stack init dev", "stack ls", "stack rm dev --yes --stack dev", "version", "up"]) {
      assert.equal(stackToInitialise(words(line)), null, line);
    }
  });

  it("name the folder to work in", () => {
    assert.equal(workingDirectory(words("up -C examples/reader --stack dev")), "examples/reader");
    assert.equal(workingDirectory(words("up --cwd=x")), "x");
    assert.equal(workingDirectory(words("up --stack dev")), null);
  });
});
