/** What the hub says to agents: `stored`, `cancel`, `drain`. */
import { randomUUID } from "node:crypto";
import { cloudEventHeaders, controlQueue, EVENT_TYPES, type ControlMessage } from "../../../contract/bus.ts";
import { messageOf } from "../../kit/errors.ts";
import type { Logger } from "../../kit/log.ts";
import { Batcher } from "../batcher.ts";
import type { Publish } from "../dispatch/outbox.ts";

/** An agent that is gone cannot hear; what was meant for it must not lie in `unrouted` for ever. */
const EXPIRATION_MS = 30_000;

const STORED_BATCH = 256;

interface Stored {
  agentId: string;
  taskId: string;
  attempt: number;
}

export interface Control {
  /** Resolves once the broker has it, or at once when it cannot be delivered: the agent then learns it when it reports again. */
  stored(agentId: string, taskId: string, attempt: number): Promise<void>;
  cancel(agentId: string, taskId: string, attempt: number): void;
  /** To every agent of the type, while it is not known which of them has the attempt. */
  cancelAtAll(type: string, taskId: string, attempt: number): void;
  /** To take no more tasks; its registration says so once it has heard. @throws {Unavailable} while the broker is away */
  drain(agentId: string): Promise<void>;
}

export function createControl(publish: Publish, agentsOf: (type: string) => string[], log: Logger): Control {
  const send = (agentId: string, message: ControlMessage): Promise<void> => publish(controlQueue(agentId), message, {
    persistent: false,
    expirationMs: EXPIRATION_MS,
    headers: cloudEventHeaders({ id: randomUUID(), source: "/mcp/hub", type: EVENT_TYPES.control }),
  });
  const tell = async (agentId: string, message: ControlMessage): Promise<void> => {
    try {
      await send(agentId, message);
    } catch (error) {
      log.debug({ agentId, control: message, reason: messageOf(error) }, "an agent could not be told");
    }
  };
  const stored = new Batcher<Stored, void>({
    maxItems: STORED_BATCH,
    flush: async (items) => {
      const byAgent = Map.groupBy(items, ({ agentId }) => agentId);
      await Promise.all([...byAgent].map(([agentId, those]) => tell(agentId, { kind: "stored", attempts: those.map(({ taskId, attempt }) => ({ taskId, attempt })) })));
      return items.map(() => undefined);
    },
  });
  return {
    stored: (agentId, taskId, attempt) => stored.add({ agentId, taskId, attempt }),
    cancel: (agentId, taskId, attempt) => void tell(agentId, { kind: "cancel", taskId, attempt }),
    cancelAtAll(type, taskId, attempt) {
      for (const agentId of agentsOf(type)) void tell(agentId, { kind: "cancel", taskId, attempt });
    },
    drain: (agentId) => send(agentId, { kind: "drain" }),
  };
}
