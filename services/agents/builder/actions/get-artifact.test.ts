import assert from "node:assert/strict";
import { callAction } from "../../../kit/testing.ts";
import { artifactOf } from "../artifacts/artifact-store.ts";
import { makeBuilder } from "../testing/builder.ts";
import { getArtifact } from "./get-artifact.ts";

describe("get_artifact", () => {
  const deps = makeBuilder();
  const artifact = artifactOf("solidity", { b: 1, a: ["x"] });
  const taskId = "00000000-0000-7000-8000-000000000001";
  before(() => deps.artifacts.put(null, artifact, taskId));

  it("reads what was stored, with where it came from", async () => {
    assert.deepEqual(await callAction(getArtifact, deps, { hash: artifact.hash }), {
      hash: artifact.hash, kind: "solidity", sizeBytes: 17, createdAt: "2026-01-02T03:04:05.000Z", taskId, artifact: { a: ["x"], b: 1 },
    });
  });
  it("says that there is none", async () => {
    await assert.rejects(callAction(getArtifact, deps, { hash: "0".repeat(64) }), { name: "UserFault", message: /There is no artifact 0+\./ });
    await assert.rejects(callAction(getArtifact, deps, { hash: "zz" }), /64 hexadecimal digits/);
  });
  it("does not hand out content that is not what its name says", async () => {
    const broken = makeBuilder();
    broken.artifacts.stored.set(artifact.hash, { ...artifact, content: '{"a":["y"]}', taskId, sizeBytes: 11, createdAt: "2026-01-02T03:04:05.000Z" });
    await assert.rejects(callAction(getArtifact, broken, { hash: artifact.hash }), /does not have the content it is named after/);
  });
});
