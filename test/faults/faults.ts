/** The faults: what is done to the deployed stack, for how long, and how it is mended. */
import { randomBytes } from "node:crypto";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { Redis } from "ioredis";
import { INFRASTRUCTURE, agentHost } from "../../contract/services.ts";
import { docker, inspect } from "../../checks/support/engine.ts";
import { BUSIEST, type FaultStack } from "./fault-stack.ts";

const run = promisify(execFile);
const { rabbitmq, postgres, redis, etcd, hub, edge, access } = INFRASTRUCTURE;

export interface Fault {
  name: string;
  /** From the strike to its mending. */
  seconds: number;
  strike(stack: FaultStack): Promise<void>;
  /** Stands being called when the strike failed half-way. */
  mend(stack: FaultStack): Promise<void>;
}

/** The agent that is killed, and paused. */
export const VICTIM = { id: `${BUSIEST}-1`, host: agentHost(BUSIEST, 1) };

/** SIGKILL to everything in the containers, which then stay down for `seconds`. */
function killed(name: string, hosts: readonly string[], seconds: number): Fault {
  return {
    name: `${name} killed`,
    seconds,
    // The engine does not restart by itself what was killed through it.
    strike: async (stack) => void (await docker("kill", "-s", "KILL", ...hosts.map((host) => stack.container(host)))),
    mend: async (stack) => void (await docker("start", ...hosts.map((host) => stack.container(host)))),
  };
}

const rabbitmqctl = (stack: FaultStack, ...args: string[]): Promise<string> =>
  docker("exec", "-e", "HOME=/data", stack.container(rabbitmq.host), "/usr/lib/rabbitmq/bin/rabbitmqctl", "-q", "-n", "rabbit@localhost", ...args);

interface QueueDepth { name: string; messages_ready: number; messages_unacknowledged: number }

/** Queues that hold messages, as `rabbitmqctl` tells it: without the delay of the management API. */
export async function filledQueues(stack: FaultStack): Promise<QueueDepth[]> {
  const queues = JSON.parse(await rabbitmqctl(stack, "list_queues", "name", "messages_ready", "messages_unacknowledged", "--formatter", "json")) as QueueDepth[];
  return queues.filter(({ messages_ready: ready, messages_unacknowledged: held }) => ready + held > 0);
}

const flushed: Fault = {
  name: "Redis flushed",
  seconds: 0,
  async strike(stack) {
    // No user of the deployment may do that; the administrator, who may do nothing else, makes one that can.
    const admin = new Redis(await stack.storeUrl("redis", access.host), { enableReadyCheck: false });
    const { hostname: host, port } = new URL(stack.outputs.endpoints.redis!.url!);
    const [username, password] = ["fault-suite", randomBytes(16).toString("hex")];
    try {
      await admin.call("ACL", "SETUSER", username, "reset", "on", `>${password}`, "~*", "+flushall");
      const flusher = new Redis({ host, port: Number(port), username, password, enableReadyCheck: false });
      await flusher.flushall().finally(() => flusher.disconnect());
    } finally {
      await admin.call("ACL", "DELUSER", username).finally(() => admin.disconnect());
    }
  },
  mend: async () => undefined,
};

const DISK_LIMIT = { impossible: String(10 ** 15), configured: "2GB" };

const diskAlarm: Fault = {
  name: "RabbitMQ's disk alarm",
  // Longer than the silence after which an attempt counts as lost: a broker that blocks is no reason to give work up.
  seconds: 40,
  strike: async (stack) => void (await rabbitmqctl(stack, "set_disk_free_limit", DISK_LIMIT.impossible)),
  mend: async (stack) => void (await rabbitmqctl(stack, "set_disk_free_limit", DISK_LIMIT.configured)),
};

/** Runs in the network namespace of a container, with the engine's iptables: the container has none, and may not. */
async function iptables(container: string, ...args: string[]): Promise<void> {
  const pid = (await docker("inspect", "--format", "{{.State.Pid}}", container)).trim();
  await run("nsenter", ["--target", pid, "--net", "iptables", "--wait", ...args]);
}

const partition: Fault = {
  name: "hub cut off from RabbitMQ",
  seconds: 15,
  async strike(stack) {
    const { NetworkSettings: { Networks } } = await inspect(stack.container(rabbitmq.host));
    const broker = Networks[stack.outputs.network.name]!.IPAddress;
    await iptables(stack.container(hub.host), "--insert", "INPUT", "--source", broker, "--jump", "DROP");
    await iptables(stack.container(hub.host), "--insert", "OUTPUT", "--destination", broker, "--jump", "DROP");
  },
  async mend(stack) {
    for (const chain of ["INPUT", "OUTPUT"]) await iptables(stack.container(hub.host), "--flush", chain);
  },
};

/** Longer than its lease in etcd (15 s) and than the silence after which its attempts count as lost (30 s). */
export const paused: Fault = {
  name: `agent ${VICTIM.id} paused`,
  seconds: 36,
  strike: async (stack) => void (await docker("pause", stack.container(VICTIM.host))),
  mend: async (stack) => void (await docker("unpause", stack.container(VICTIM.host))),
};

const stores = [rabbitmq.host, postgres.host, redis.host, etcd.host];

export const FAULTS: readonly Fault[] = [
  killed("nginx", [edge.host], 3),
  killed("Redis", [redis.host], 3),
  flushed,
  killed("etcd", [etcd.host], 3),
  killed(`agent ${VICTIM.id}`, [VICTIM.host], 3),
  killed("hub", [hub.host], 3),
  killed("PostgreSQL", [postgres.host], 5),
  killed("RabbitMQ", [rabbitmq.host], 5),
  paused,
  diskAlarm,
  partition,
  killed("all of these", [...stores, hub.host, edge.host, VICTIM.host], 5),
];
