import assert from "node:assert/strict";
import { createLogger, traceIdOf } from "./log.ts";

function lines(write: (log: ReturnType<typeof createLogger>) => void): Record<string, unknown>[] {
  const written: string[] = [];
  write(createLogger("price-oracle", "info", { write: (line) => void written.push(line) }));
  return written.map((line) => JSON.parse(line));
}

describe("log", () => {
  it("writes one JSON object a line, with service, level as a word and an RFC 3339 time", () => {
    const [line] = lines((log) => log.warn({ traceId: "abc" }, "stale price"));
    const { time, ...rest } = line!;
    assert.deepEqual(rest, { service: "price-oracle", level: "warn", traceId: "abc", message: "stale price" });
    assert.match(String(time), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  });

  it("leaves out what is below its level", () => {
    assert.deepEqual(lines((log) => log.debug("detail")), []);
  });

  it("keeps the cause of an error, and no authorization header", () => {
    const [line] = lines((log) => log.error({ err: new Error("outer", { cause: new Error("inner") }), headers: { authorization: "Bearer x.y.z" } }, "failed"));
    const text = JSON.stringify(line);
    assert.match(text, /inner/);
    assert.doesNotMatch(text, /x\.y\.z/);
  });

  it("finds the trace id of a well-formed traceparent only", () => {
    const id = "4bf92f3577b34da6a3ce929d0e0e4736";
    assert.equal(traceIdOf(`00-${id}-00f067aa0ba902b7-01`), id);
    for (const wrong of [undefined, "", id, `00-${"0".repeat(32)}-00f067aa0ba902b7-01`, `00-${id}-short-01`, 7]) assert.equal(traceIdOf(wrong), undefined);
  });
});
