/** Opportunities and trades in the event streams. Notifications: while the broker is away they are lost, and the books have the truth. */
import { randomUUID } from "node:crypto";
import { cloudEventHeaders, EVENT_KEYS, EVENT_TYPES } from "../../../contract/bus.ts";
import type { Bus } from "../../kit/rabbitmq.ts";
import { opportunityView } from "../../market/views.ts";
import type { Books } from "../books/books.ts";
import type { Watcher } from "../watcher.ts";
import { tradeView } from "./views.ts";

export interface EventOptions {
  bus: Pick<Bus, "publish" | "publishes">;
  books: Pick<Books, "get">;
  chainId: number;
  onError(error: unknown): void;
}

const SOURCE = "/mcp/flash-trader";
const MAX_UNCONFIRMED = 500;

/** The best opportunity of a block, and every trade when its status has changed, as the books have it. */
export function eventWatcher({ bus, books, chainId, onError }: EventOptions): Watcher {
  let unconfirmed = 0;
  const publish = async (name: keyof typeof EVENT_KEYS, subject: string, data: () => Promise<unknown> | unknown): Promise<void> => {
    if (!bus.publishes || unconfirmed >= MAX_UNCONFIRMED) return;
    unconfirmed++;
    try {
      const body = await data();
      const id = randomUUID();
      if (body !== null) await bus.publish(EVENT_KEYS[name], body, { messageId: id, headers: cloudEventHeaders({ id, source: SOURCE, type: EVENT_TYPES[name], subject }) });
    } finally {
      unconfirmed--;
    }
  };
  const changed = (key: string): void => {
    publish("tradeChanged", key, async () => {
      const trade = await books.get(key);
      return trade && tradeView(trade);
    }).catch(onError);
  };
  return {
    round({ head, opportunities: [best] }) {
      if (!best) return;
      const view = opportunityView(chainId, head, best);
      publish("opportunityFound", view.key, () => view).catch(onError);
    },
    rehearsed: ({ key }) => changed(key),
    sent: ({ key }) => changed(key),
    status: (key) => changed(key),
  };
}
