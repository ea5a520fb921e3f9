/** The streams to all servers: kept in step with who is there, what they can say, and what clients want to hear. */
import type { Logger } from "../../../kit/log.ts";
import type { Credentials } from "../access/delegation.ts";
import type { Fleet } from "../backends/fleet.ts";
import type { Catalogue } from "../catalogue/catalogue.ts";
import type { Subscriptions } from "./subscriptions.ts";
import { Upstream, wantedOf } from "./upstream.ts";

export interface UpstreamsOptions {
  fleet: Fleet;
  catalogue: Catalogue;
  subscriptions: Subscriptions;
  credentials: Credentials;
  log: Logger;
}

export class Upstreams {
  readonly #options: UpstreamsOptions;
  readonly #byServer = new Map<string, Upstream>();
  #closed = false;

  constructor(options: UpstreamsOptions) {
    this.#options = options;
  }

  /** Call it when a server came, went or told its capabilities, and when clients want to hear of other resources. */
  update(): void {
    if (this.#closed) return;
    const { fleet, catalogue, subscriptions, credentials, log } = this.#options;
    const uris = Map.groupBy(subscriptions.wanted, (uri) => catalogue.resource(uri)?.server);
    for (const [server, upstream] of this.#byServer) {
      if (fleet.of(server).length > 0) continue;
      upstream.close();
      this.#byServer.delete(server);
    }
    for (const server of fleet.servers) {
      const offer = catalogue.offer(server);
      if (!offer) continue;
      let upstream = this.#byServer.get(server);
      if (!upstream) {
        upstream = new Upstream({
          server, fleet, credentials, log,
          onListsChanged: (kinds) => catalogue.offer(server)?.refresh(kinds),
          onResourceUpdated: (uri) => subscriptions.resourceUpdated(uri),
        });
        this.#byServer.set(server, upstream);
      }
      upstream.want(wantedOf(offer.capabilities, uris.get(server) ?? []));
    }
  }

  close(): void {
    this.#closed = true;
    for (const upstream of this.#byServer.values()) upstream.close();
  }
}
