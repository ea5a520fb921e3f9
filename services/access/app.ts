/** HTTP interface of the access service: `POST /v1/grants`, and the probes that every service has. */
import { Counter, Gauge, type Registry } from "prom-client";
import { GRANTS_PATH, GrantRequest, type Store } from "../../contract/access.ts";
import { parsePublicKey } from "../../contract/derive.ts";
import { createHttpApp, type HttpApp } from "../kit/http.ts";
import type { Logger } from "../kit/log.ts";
import { tokenChecker } from "../kit/tokens.ts";
import { Grants, readGrant, type GrantTarget } from "./grants.ts";

export interface AccessTarget extends GrantTarget {
  readonly name: Store;
  readonly ready: boolean;
  check(): Promise<string[]>;
}

export interface AccessAppOptions { log: Logger; metrics: Registry; publicKey: string; stores: readonly AccessTarget[] }

export function createAccessApp({ log, metrics, publicKey, stores }: AccessAppOptions): HttpApp {
  const key = parsePublicKey(publicKey);
  const grants = new Grants(stores);
  const applied = new Counter({ name: "access_grants_total", help: "Grants, by outcome.", labelNames: ["outcome"], registers: [metrics] });
  new Gauge({
    name: "access_store_ready", help: "1 while a store answers and holds the base plan.", labelNames: ["store"], registers: [metrics],
    collect() {
      for (const store of stores) this.set({ store: store.name }, store.ready ? 1 : 0);
    },
  });
  const app = createHttpApp({
    log,
    metrics,
    checkToken: tokenChecker(publicKey, "access"),
    missing: async () => (await Promise.all(stores.map((store) => store.check()))).flat(),
  });
  // The signature on the grant is the credential: whoever holds one can bring about exactly what it says.
  app.post(GRANTS_PATH, { config: { public: true } }, async (request) => {
    try {
      const result = await grants.apply(readGrant(GrantRequest.parse(request.body).grant, key));
      applied.inc({ outcome: "applied" });
      log.info(result, "grant applied");
      return result;
    } catch (error) {
      applied.inc({ outcome: "refused" });
      log.warn({ err: error }, "grant not applied");
      throw error;
    }
  });
  return app;
}
