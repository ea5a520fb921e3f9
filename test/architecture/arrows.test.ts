import assert from "node:assert/strict";
import { dirname, join, relative, resolve } from "node:path";
import { pathsOf } from "../../ops/system/paths.ts";
import { importsOf, sourceFiles } from "./sources.ts";

const { root } = pathsOf({});

/**
 * Who may import whom: folder → folders beside itself. The longest folder that holds a file counts; a file that is in
 * none may import nothing of ours.
 */
const ARROWS: Record<string, readonly string[]> = {
  contract: [],
  plan: ["contract"],
  // An image's context holds what is made for it.
  components: ["contract", "plan", "images"],
  "index.ts": ["components", "plan", "contract"],
  "services/kit": ["contract"],
  "services/hub": ["contract", "services/kit"],
  "services/access": ["contract", "services/kit"],
  // Mathematics without I/O: its users are services, it is none.
  "services/flashloan": ["contract"],
  // What a chain says of the market, checked: the one who trades and those who show it read it the same way.
  "services/market": ["contract", "services/kit", "services/flashloan"],
  "services/devnet-trader": ["contract", "services/kit"],
  "services/devnet-upstream": ["contract", "services/kit"],
  // Finds, decides, signs and sends in one process: nothing stands between a block and a transaction.
  "services/flash-trader": ["contract", "services/kit", "services/flashloan", "services/market"],
  "services/servers": ["contract", "services/kit", "services/flashloan", "services/market"],
  "services/agents": ["contract", "services/kit", "services/flashloan"],
  contracts: ["contract"],
  // The market on the chain's image is made from the protocols' packages and our own contract.
  images: ["contract", "contracts"],
  checks: ["contract"],
  // What a stack wants of the machine is only known to the plan, and must be known before anything is changed.
  ops: ["contract", "plan"],
  policy: ["contract"],
  // Compose is given the very images and dependencies that the program plans.
  // The fabric is measured with an agent on our kit, in containers as the tests of the parts have them; the gateway as a process.
  bench: ["contract", "plan", "components", "services/kit", "services/hub", "services/flashloan", "services/market", "services/flash-trader", "test"],
  docs: ["contract"],
  examples: ["contract"],
};
/** Tests beside their source may use whatever test/ offers; test/ itself may import all but the program. */
const ANYWHERE = "test";

const roomOf = (file: string): string | undefined =>
  [...Object.keys(ARROWS), ANYWHERE].filter((room) => file === room || file.startsWith(`${room}/`)).sort((a, b) => b.length - a.length)[0];

/** Servers and agents are services of their own, but for what they keep in `shared`: one never imports another. */
const ownService = (file: string): string | undefined =>
  /^services\/(servers\/[^/]+|agents)\/(?!shared\/)[^/]+\//.exec(file.replace("/servers/shared/", "/shared/"))?.[0];

describe("imports", () => {
  const edges = sourceFiles(root).flatMap((file) => importsOf(join(root, file)).filter((target) => target.startsWith(".") && target.endsWith(".ts"))
    .map((target) => ({ file, target: relative(root, resolve(root, dirname(file), target)) })));

  it("are found at all", () => { assert.ok(edges.length > 100); });

  it("follow the arrows of the architecture", () => {
    const wrong = edges.filter(({ file, target }) => {
      const [from, to] = [roomOf(file), roomOf(target)];
      if (from === ANYWHERE) return false;
      if (file.endsWith(".test.ts") && to === ANYWHERE) return false;
      return from === undefined || to === undefined || (from !== to && !ARROWS[from]!.includes(to));
    });
    assert.deepEqual(wrong.map(({ file, target }) => `${file} → ${target}`), []);
  });

  it("never lead from one server or agent into another", () => {
    const wrong = edges.filter(({ file, target }) => {
      const [from, to] = [ownService(file), ownService(target)];
      return from !== undefined && to !== undefined && from !== to;
    });
    assert.deepEqual(wrong.map(({ file, target }) => `${file} → ${target}`), []);
  });

  it("lead nowhere to the program", () => {
    assert.deepEqual(edges.filter(({ target, file }) => target === "index.ts" && !file.startsWith("test/")).map(({ file }) => file), []);
  });
});
