import assert from "node:assert/strict";
import type { Role, TokenClaims } from "../../../contract/access.ts";
import { mayCallTool, mayChangeTask, mayDrain, mayPassEdge } from "./roles.ts";

const caller = (role: Role): TokenClaims => ({ sub: `user:${role}`, role, aud: ["*"] });

describe("roles", () => {
  it("a reader submits nothing, an operator only probes, admins and services everything", () => {
    const may = (role: Role) => [mayChangeTask(caller(role), "echo"), mayChangeTask(caller(role), "compile_solidity")];
    assert.deepEqual(may("reader"), [false, false]);
    assert.deepEqual(may("operator"), [true, false]);
    assert.deepEqual(may("admin"), [true, true]);
    assert.deepEqual(may("service"), [true, true]);
  });

  it("people who run the stack take agents out of service, services and readers do not", () => {
    assert.deepEqual((["admin", "operator", "service", "reader"] as const).map((role) => mayDrain(caller(role))), [true, true, false, false]);
  });

  it("everybody may call a tool that only reads", () => {
    for (const role of ["reader", "operator"] as const) {
      assert.ok(mayCallTool(caller(role), true));
      assert.ok(!mayCallTool(caller(role), false));
    }
    assert.ok(mayCallTool(caller("admin"), false));
  });

  const rows: [Role, string, string, boolean][] = [
    ["reader", "POST", "/mcp", true],
    ["reader", "POST", "/api/v1/tasks", true],
    ["reader", "POST", "/servers/utils/toolbox/mcp", false],
    ["operator", "POST", "/servers/utils/toolbox/mcp", false],
    ["admin", "POST", "/servers/utils/toolbox/mcp", true],
    ["reader", "GET", "/rabbitmq/api/overview", true],
    ["reader", "DELETE", "/rabbitmq/api/queues/%2F/results", false],
    ["operator", "PUT", "/grafana/api/dashboards", false],
    ["admin", "DELETE", "/rabbitmq/api/queues/%2F/results", true],
  ];
  it("a token that a server would refuse itself does not reach it through the edge either", () => {
    const service = (aud: string[]): TokenClaims => ({ sub: "server:toolbox", role: "service", aud });
    assert.ok(!mayPassEdge(service(["hub"]), "POST", "/servers/execution/flash-loan-executor/mcp"));
    assert.ok(!mayPassEdge(service(["hub", "server:toolbox"]), "POST", "/servers/execution/flash-loan-executor/mcp"));
    assert.ok(mayPassEdge(service(["hub", "server:toolbox"]), "POST", "/servers/utils/toolbox/mcp"));
  });

  it("a token with limits of its own passes to the gateway, which looks at them, and changes nothing anywhere else", () => {
    for (const limit of [{ tools: ["toolbox.*"] }, { callsPerMinute: 60 }]) {
      const limited: TokenClaims = { ...caller("admin"), ...limit };
      assert.ok(mayPassEdge(limited, "POST", "/mcp"));
      assert.ok(!mayPassEdge(limited, "POST", "/servers/utils/toolbox/mcp"));
      assert.ok(!mayPassEdge(limited, "DELETE", "/rabbitmq/api/queues/%2F/results"));
      assert.ok(!mayChangeTask(limited, "echo"));
      assert.ok(!mayDrain(limited));
      assert.ok(mayCallTool(limited, false), "which tool is the gateway's to say");
    }
  });

  for (const [role, method, path, passes] of rows) {
    it(`${role} ${passes ? "passes" : "is stopped at"} the edge with ${method} ${path}`, () => assert.equal(mayPassEdge(caller(role), method, path), passes));
  }
});
