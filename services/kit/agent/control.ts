/** The agent's own queue, where the hub says `stored`, `cancel` and `drain`. */
import { ControlMessage, controlQueue } from "../../../contract/bus.ts";
import type { Logger } from "../log.ts";
import type { Bus, Subscription } from "../rabbitmq.ts";

export function followControl(bus: Pick<Bus, "subscribe">, agentId: string, log: Logger, onMessage: (message: ControlMessage) => void): Subscription {
  const queue = controlQueue(agentId);
  return bus.subscribe({
    queue,
    prefetch: 200,
    exclusive: { bind: [queue] },
    onDelivery(delivery) {
      const parsed = ControlMessage.safeParse(delivery.body);
      if (parsed.success) onMessage(parsed.data);
      else log.warn({ messageId: delivery.properties.messageId }, "not a control message; ignored");
      delivery.ack();
    },
  });
}
