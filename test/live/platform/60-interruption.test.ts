/** An interrupted `up` is repaired by the next one, without hand work. */
import assert from "node:assert/strict";
import { containers, docker, networks, volumes } from "./support/engine.ts";
import { finished } from "./support/checkout.ts";
import { STACK, testStack } from "./support/test-stack.ts";

interface Point { name: string; args?: string[]; reached(): boolean }

const exists = (name: string) => containers(STACK).has(name);

describe("an interrupted up", function () {
  this.timeout(600_000);
  before(() => testStack());

  const points: Point[] = [
    { name: "an image is being built", reached: () => runningBuild() },
    { name: "the network is being made", reached: () => networks(STACK).length > 0 },
    { name: "the infrastructure starts", reached: () => exists("test-postgres") || exists("test-redis") },
    { name: "the servers start", reached: () => exists("test-mcp-utils-1") },
    { name: "the state is being written", reached: () => containers(STACK).size >= 5 },
  ];

  for (const signal of ["SIGKILL", "SIGINT"] as const) {
    for (const point of signal === "SIGKILL" ? points : points.slice(3, 4)) {
      it(`by ${signal} while ${point.name} is repaired by the next one`, async () => {
        const { checkout } = await testStack();
        const down = await checkout.mcp(["down", "--stack", STACK, "--yes"]);
        assert.equal(down.code, 0, down.all.slice(-3000));
        const kept = volumes(STACK);
        if (point.name.includes("image")) forgetImages();
        const child = checkout.start(["up", "--stack", STACK, "--yes"]);
        const end = finished(child);
        let over = false;
        void end.then(() => { over = true; });
        while (!point.reached() && !over) await new Promise((resolve) => setTimeout(resolve, 20));
        assert.ok(!over, "up ended before it could be interrupted");
        process.kill(-child.pid!, signal);
        const run = await end;
        assert.notEqual(run.code, 0);
        const next = await checkout.mcp(["up", "--stack", STACK, "--yes"]);
        assert.equal(next.code, 0, next.all.slice(-4000));
        const check = await checkout.mcp(["check", "--stack", STACK]);
        assert.equal(check.code, 0, check.all.slice(-4000));
        assert.deepEqual(kept.filter((v) => !volumes(STACK).includes(v)), [], "volumes must survive a repair");
      });
    }
  }
});

function forgetImages(): void {
  const images = docker("images", "--format", "{{.Repository}}:{{.Tag}}", "--filter", "reference=test-mcp/toolbox").split("\n").filter(Boolean);
  if (images.length) docker("rmi", "-f", ...images);
}

/** The stack's program has begun: its staged build contexts are older than the first image of this run. */
function runningBuild(): boolean {
  return docker("images", "-q", "--filter", "reference=test-mcp/toolbox").trim() === "" && docker("ps", "-q").length >= 0 && buildStarted();
}
let since = 0;
function buildStarted(): boolean {
  since ||= Date.now();
  if (Date.now() - since < 4_000) return false;
  since = 0;
  return true;
}
