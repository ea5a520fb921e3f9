import assert from "node:assert/strict";
import { docker } from "./support/engine.ts";
import type { Run } from "./support/checkout.ts";
import { STACK, testStack } from "./support/test-stack.ts";

async function check(...args: string[]): Promise<Run> {
  const { checkout } = await testStack();
  return checkout.mcp(["check", "--stack", STACK, ...args]);
}

/** Runs a management call inside the broker as its administrator would. */
const rabbitmqctl = (...args: string[]) => docker("exec", "-e", "HOME=/data", "test-rabbitmq", "/usr/lib/rabbitmq/bin/rabbitmqctl", "-q", "-n", "rabbit@localhost", ...args);
const psql = (sql: string) => docker("exec", "test-postgres", "psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-U", "postgres", "-d", "mcp", "-c", sql);

describe("mcp check", function () {
  this.timeout(600_000);
  before(() => testStack());

  it("is green on a fresh stack, stopping containers included", async () => {
    const run = await check("--disruptive");
    assert.equal(run.code, 0, run.all.slice(-6000));
    assert.match(run.stdout, /\d+ passing/);
    assert.doesNotMatch(run.stdout, /pending|failing/);
  });

  /** `group`: the checks that must notice; the others would only wait for what cannot come. */
  interface Fault { what: string; group: string; plant(): void; mend(): void; named: RegExp; settleMs?: number }
  const faults: Fault[] = [
    {
      what: "a binding is taken away",
      group: "broker",
      plant: () => void rabbitmqctl("eval", "rabbit_binding:remove({binding,{resource,<<\"/\">>,exchange,<<\"mcp.topic\">>},<<\"tasks.builder\">>,{resource,<<\"/\">>,queue,<<\"tasks.builder\">>},[]}, <<\"test\">>)."),
      mend: () => void rabbitmqctl("eval", "rabbit_binding:add({binding,{resource,<<\"/\">>,exchange,<<\"mcp.topic\">>},<<\"tasks.builder\">>,{resource,<<\"/\">>,queue,<<\"tasks.builder\">>},[]}, <<\"test\">>)."),
      named: /binding mcp\.topic --tasks\.builder--> tasks\.builder is missing/,
    },
    {
      what: "a policy is taken away",
      group: "broker",
      plant: () => {
        saved = JSON.parse(rabbitmqctl("list_policies", "--formatter", "json")).find((p: { name: string }) => p.name === "tasks");
        rabbitmqctl("clear_policy", "tasks");
      },
      mend: () => void rabbitmqctl("set_policy", "--apply-to", saved["apply-to"], "--priority", String(saved.priority ?? 0), "tasks", saved.pattern, typeof saved.definition === "string" ? saved.definition : JSON.stringify(saved.definition)),
      named: /policy of tasks\.\w+: dead-letter-exchange/,
      // The broker publishes what applies to a queue every 5 s.
      settleMs: 12_000,
    },
    {
      what: "a right is taken away",
      group: "tasks",
      plant: () => void psql("revoke insert on fabric.effects from effects_writer"),
      mend: () => void psql("grant insert on fabric.effects to effects_writer"),
      named: /task .* ends|permission denied|the effect must be applied/,
    },
    {
      what: "a schema is taken away",
      group: "access",
      plant: () => void psql("alter schema fabric rename to fabric_gone"),
      // Within a minute `access` makes what is missing; what it has made by then is empty.
      mend: () => {
        psql("drop schema if exists fabric");
        psql("alter schema fabric_gone rename to fabric");
      },
      named: /fabric/,
    },
    {
      what: "the route to the hub is taken away",
      group: "health",
      plant: () => void docker("pause", "test-mcp-coordinator"),
      mend: () => void docker("unpause", "test-mcp-coordinator"),
      named: /hub ready|hub is ready|504|aborted|timeout/i,
    },
  ];
  let saved: any;

  for (const fault of faults) {
    it(`fails and names it when ${fault.what}`, async () => {
      fault.plant();
      try {
        await new Promise((resolve) => setTimeout(resolve, fault.settleMs ?? 0));
        const run = await check("--grep", fault.group);
        assert.equal(run.code, 1, `exit code ${run.code}, the checks may have stayed green:\n${run.all.slice(-3000)}`);
        assert.match(run.all, fault.named);
      } finally {
        fault.mend();
      }
    });
  }

  it("is green again once all of that is mended", async () => {
    const run = await check();
    assert.equal(run.code, 0, run.all.slice(-6000));
  });
});
