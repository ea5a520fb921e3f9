import assert from "node:assert/strict";
import { INFRASTRUCTURE, SERVER_PORTS } from "./services.ts";

/** Of one service: what it listens on. */
const portsOf = (service: object): number[] =>
  Object.entries(service).flatMap(([key, value]) => (/^port$|Port$/.test(key) ? [value as number] : []));

describe("ports", () => {
  it("belong to one service each, those that a stack has only sometimes among them", () => {
    const ports = [...Object.values(INFRASTRUCTURE).flatMap(portsOf), ...Object.values(SERVER_PORTS)];
    assert.deepEqual(ports.filter((port, at) => ports.indexOf(port) !== at), []);
    assert.ok(ports.length > 30);
  });
});
