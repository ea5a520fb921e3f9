import assert from "node:assert/strict";
import { Unavailable } from "../../../kit/errors.ts";
import { postgresReader } from "./postgres-reader.ts";

const failing = (error: object) => postgresReader({ query: () => Promise.reject(Object.assign(new Error("no"), error)) } as never);

describe("the record of runs", () => {
  it("is empty until a coordinator has made it", async () => {
    for (const code of ["42P01", "3F000"]) {
      assert.equal(await failing({ code }).read("id", true), null);
      assert.equal((await failing({ code }).summaries(["id"])).size, 0);
    }
  });
  it("is away when PostgreSQL is, and nothing else is hidden", async () => {
    for (const code of ["ECONNREFUSED", "57P01", "08006", "28P01"]) await assert.rejects(failing({ code }).read("id", true), Unavailable);
    await assert.rejects(failing({ code: "42703" }).read("id", true), (error: Error) => !(error instanceof Unavailable));
  });
});
