/** Topology, users and policies of the broker, as its definitions file has them at start. */
import { ACCESS_ADMIN, OPERATOR } from "../../contract/access.ts";
import { deadQueue, EVENT_STREAMS, EXCHANGES, QUEUES, taskQueue } from "../../contract/bus.ts";
import { SHIPPED_AGENT_TYPES } from "../../contract/services.ts";
import { secret } from "./secret-json.ts";

const VHOST = "/";
const NOTHING = "^$";

type QueueType = "quorum" | "stream" | "classic";

const exchange = (name: string, type: "topic" | "fanout" | "direct") =>
  ({ name, vhost: VHOST, type, durable: true, auto_delete: false, internal: false, arguments: {} });
/** Only the type is an argument: an argument cannot be changed later, a policy can. */
const queue = (name: string, type: QueueType) =>
  ({ name, vhost: VHOST, durable: true, auto_delete: false, arguments: { "x-queue-type": type } });
const binding = (source: string, routingKey: string, destination: string) =>
  ({ source, vhost: VHOST, destination, destination_type: "queue", routing_key: routingKey, arguments: {} });
const user = (name: string, tags: string[]) => ({
  name,
  password_hash: secret({ rabbitmqHash: { identity: name } }),
  hashing_algorithm: "rabbit_password_hashing_sha256",
  tags,
  limits: {},
});

/** An entry of `configs/rabbitmq/policies.json`. */
export interface PolicyFile { name: string; pattern: string; "apply-to": string; definition: Record<string, unknown> }

/**
 * Applications are not among the users: the access service adds them. Nor is `guest`: a node that starts on
 * definitions makes none.
 */
export function rabbitmqDefinitions(policies: readonly PolicyFile[]): object {
  return {
    vhosts: [{ name: VHOST, default_queue_type: "quorum" }],
    users: [user(ACCESS_ADMIN.rabbitmq, ["administrator"]), user(OPERATOR, ["monitoring"])],
    permissions: [
      { user: ACCESS_ADMIN.rabbitmq, vhost: VHOST, configure: ".*", write: ".*", read: ".*" },
      // Reading a queue takes messages out of it and allows to purge it; reading a stream does neither.
      { user: OPERATOR, vhost: VHOST, configure: NOTHING, write: NOTHING, read: "^events\\." },
    ],
    topic_permissions: [],
    exchanges: [exchange(EXCHANGES.topic, "topic"), exchange(EXCHANGES.unrouted, "fanout"), exchange(EXCHANGES.dead, "direct")],
    queues: [
      ...SHIPPED_AGENT_TYPES.flatMap((type) => [queue(taskQueue(type), "quorum"), queue(deadQueue(type), "quorum")]),
      ...EVENT_STREAMS.map((name) => queue(name, "stream")),
      queue(QUEUES.results, "quorum"),
      queue(QUEUES.heartbeats, "classic"),
      queue(QUEUES.unrouted, "quorum"),
    ],
    bindings: [
      ...SHIPPED_AGENT_TYPES.flatMap((type) => [
        binding(EXCHANGES.topic, taskQueue(type), taskQueue(type)),
        binding(EXCHANGES.dead, taskQueue(type), deadQueue(type)),
      ]),
      ...EVENT_STREAMS.map((name) => binding(EXCHANGES.topic, `${name}.#`, name)),
      binding(EXCHANGES.topic, "results.*", QUEUES.results),
      binding(EXCHANGES.topic, "heartbeats.*", QUEUES.heartbeats),
      binding(EXCHANGES.unrouted, "", QUEUES.unrouted),
    ],
    policies: policies.map((policy) => ({ vhost: VHOST, priority: 0, ...policy })),
    parameters: [],
    global_parameters: [],
  };
}
