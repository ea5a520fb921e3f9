/** One resource for each rule of the policy pack, named after it and breaking it alone; and those that break none. */
import * as docker from "@pulumi/docker";

const compliant: docker.ContainerArgs = {
  image: "hello",
  envs: ["MCP_REDIS_URL_FILE=/run/secrets/mcp_redis_url", "MCP_COORDINATOR_URL=http://mcp-coordinator:3000"],
  destroyGraceSeconds: 10,
  healthcheck: { tests: ["CMD", "true"], interval: "30s", timeout: "5s", startPeriod: "5s", retries: 3 },
  memory: 64,
  memorySwap: 64,
  restart: "unless-stopped",
  capabilities: { drops: ["ALL"], adds: ["CAP_CHOWN"] },
  securityOpts: ["no-new-privileges:true"],
  logDriver: "json-file",
  logOpts: { "max-size": "10m", "max-file": "3" },
  ports: [{ internal: 8080, external: 8080, ip: "127.0.0.1" }],
};

const violations: Record<string, docker.ContainerArgs> = {
  "container-stop-grace": { ...compliant, destroyGraceSeconds: undefined },
  "container-healthcheck": { ...compliant, healthcheck: undefined },
  "container-memory-limit": { ...compliant, memorySwap: undefined },
  "container-restart": { ...compliant, restart: "no" },
  "container-unprivileged": { ...compliant, volumes: [{ hostPath: "/var/run/docker.sock", containerPath: "/docker.sock" }] },
  "container-capabilities": { ...compliant, capabilities: { drops: ["CAP_NET_RAW"] } },
  "container-log-rotation": { ...compliant, logOpts: { "max-size": "10m" } },
  "container-loopback-ports": { ...compliant, ports: [{ internal: 8080, external: 8080, ip: "0.0.0.0" }] },
  "container-no-secret-env": { ...compliant, envs: ["MCP_REDIS_URL=redis://hub:hunter2@redis:6379"] },
};

new docker.Container("compliant", compliant);
new docker.Container("compliant-edge", {
  ...compliant, labels: [{ label: "mcp.kind", value: "edge" }], ports: [{ internal: 80, external: 80, ip: "0.0.0.0" }],
});
for (const [rule, args] of Object.entries(violations)) new docker.Container(rule, args);

new docker.RemoteImage("compliant-pinned", { name: `repo/redis@sha256:${"0".repeat(64)}` });
new docker.RemoteImage("compliant-built", { name: "mcp/hub:0123456789ab", build: { context: "." } });
new docker.RemoteImage("image-digest", { name: "repo/redis:8" });

new docker.Volume("compliant-volume", {}, { protect: true });
new docker.Volume("volume-protected", {});
