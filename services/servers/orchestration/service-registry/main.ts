/** Who is up, what they can do, and whether they are well: straight from etcd and the services themselves. */
import { PermanentError } from "../../../kit/errors.ts";
import { EtcdGateway } from "../../../kit/etcd/gateway.ts";
import { runMcpServer } from "../../../kit/server.ts";
import type { Deps } from "./deps.ts";
import { etcdSource } from "./etcd-source.ts";
import { HealthBook, probeOverHttp } from "./health.ts";
import { tools } from "./tools.ts";

/** So that "unhealthy since" is right to the minute, also when nobody asks. */
const SWEEP_MS = 60_000;

await runMcpServer<Deps>({
  name: "service-registry",
  instructions: [
    "Discovery and health of the servers and agents on this network.",
    "find_services answers who can do something; get_fleet_health who is unwell; watch_changes what has changed since a cursor.",
    "Agents are not called directly: submit tasks to them with task-router.",
  ].join(" "),
  tools,
  async connect({ config, log, onClose }) {
    if (config.MCP_ETCD_URL === undefined) throw new PermanentError("MCP_ETCD_URL is not set: give this server's own etcd URL.");
    const registry = etcdSource(new EtcdGateway(config.MCP_ETCD_URL));
    const health = new HealthBook(probeOverHttp);
    const sweep = setInterval(() => {
      registry.now().then(({ entries }) => health.check(entries, 2_000)).catch((error: unknown) => log.debug({ err: error }, "the fleet could not be checked"));
    }, SWEEP_MS);
    onClose(() => clearInterval(sweep));
    return { registry, health };
  },
  async readiness({ registry }) {
    return await registry.now().then(() => [], () => ["etcd"]);
  },
});
