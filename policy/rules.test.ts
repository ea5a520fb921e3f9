import assert from "node:assert/strict";
import { inspect } from "node:util";
import { CONTAINER_RULES, IMAGE_RULES, VOLUME_RULES, type Container } from "./rules.ts";

const COMPLIANT: Container = {
  image: "sha256:0",
  envs: ["MCP_REDIS_URL_FILE=/run/secrets/mcp_redis_url", "AGENT_ID=1"],
  destroyGraceSeconds: 10,
  healthcheck: { tests: ["CMD", "true"] },
  memory: 64,
  memorySwap: 64,
  restart: "unless-stopped",
  capabilities: { drops: ["ALL"] },
  securityOpts: ["no-new-privileges:true"],
  logDriver: "json-file",
  logOpts: { "max-size": "10m", "max-file": "3" },
  ports: [{ internal: 8080, external: 8080, ip: "127.0.0.1" }],
};
const broken = (change: Partial<Container>): string[] =>
  CONTAINER_RULES.filter(({ problem }) => problem({ ...COMPLIANT, ...change }, "dev") !== null).map(({ name }) => name);

describe("rules for containers", () => {
  it("let a compliant container pass", () => assert.deepEqual(broken({}), []));

  const cases: [rule: string, change: Partial<Container>][] = [
    ["container-stop-grace", { destroyGraceSeconds: 0 }],
    ["container-healthcheck", { healthcheck: { tests: [] } }],
    ["container-healthcheck", { healthcheck: { tests: ["NONE"] } }],
    ["container-memory-limit", { memory: undefined }],
    ["container-memory-limit", { memorySwap: 32 }],
    ["container-restart", { restart: undefined }],
    ["container-restart", { restart: "on-failure" }],
    ["container-unprivileged", { privileged: true }],
    ["container-unprivileged", { volumes: [{ hostPath: "/run/docker.sock", containerPath: "/x" }] }],
    ["container-unprivileged", { mounts: [{ type: "bind", source: "/var/run/docker.sock", target: "/x" }] }],
    ["container-capabilities", { capabilities: undefined }],
    ["container-capabilities", { securityOpts: ["seccomp=unconfined"] }],
    ["container-log-rotation", { logOpts: undefined }],
    ["container-log-rotation", { logDriver: undefined }],
    ["container-loopback-ports", { ports: [{ internal: 80, external: 80 }] }],
    ["container-loopback-ports", { ports: [{ internal: 80, external: 80, ip: "192.0.2.1" }] }],
    ["container-loopback-ports", { labels: [{ label: "mcp.kind", value: "edge" }], ports: [{ internal: 8080, external: 80, ip: "0.0.0.0" }] }],
    ["container-no-secret-env", { envs: ["DB_PASSWORD=x"] }],
    ["container-no-secret-env", { envs: ["URL=amqp://hub:pw@rabbitmq:5672"] }],
  ];
  for (const [rule, change] of cases) {
    it(`${rule} refuses ${inspect(change, { depth: 4, breakLength: Infinity })}`, () => assert.deepEqual(broken(change), [rule]));
  }

  it("let the edge listen to everybody", () => {
    assert.deepEqual(broken({ labels: [{ label: "mcp.kind", value: "edge" }], ports: [{ internal: 80, external: 80, ip: "0.0.0.0" }] }), []);
  });

  it("take a URL without a password for harmless", () => assert.deepEqual(broken({ envs: ["A=http://etcd:2379/a@b", "B=postgres://hub@postgres/mcp"] }), []));
});

describe("rules for prod", () => {
  const [digest] = IMAGE_RULES;
  const [protection] = VOLUME_RULES;
  it("want images pinned that are pulled", () => {
    assert.match(digest!.problem({ name: "registry:5000/redis:8" }, "prod")!, /pin registry:5000\/redis:8 as registry:5000\/redis@sha256/);
    assert.equal(digest!.problem({ name: "redis:8" }, "dev"), null);
    assert.equal(digest!.problem({ name: "mcp/hub:0", build: {} }, "prod"), null);
    assert.equal(digest!.problem({ name: `redis@sha256:${"a".repeat(64)}` }, "prod-eu"), null);
  });
  it("want volumes protected", () => {
    assert.notEqual(protection!.problem({ protect: false }, "prod-eu"), null);
    assert.equal(protection!.problem({ protect: false }, "production-like-test"), null);
    assert.equal(protection!.problem({ protect: true }, "prod"), null);
  });
});
