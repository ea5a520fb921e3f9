/** `/api/v1/services` and `/api/v1/actions`: who is there, and what they can do. */
import type { ServicesAnswer } from "../../../contract/registry.ts";
import type { ActionsAnswer } from "../../../contract/tasks.ts";
import type { HttpApp } from "../../kit/http.ts";
import type { Catalogs } from "../actions/catalogs.ts";
import type { ServiceRegistry } from "../registry/registry.ts";

export function mountRegistry(app: HttpApp, registry: ServiceRegistry, catalogs: Catalogs): void {
  app.get("/api/v1/services", (): ServicesAnswer => ({ services: registry.list() }));
  app.get("/api/v1/actions", (): ActionsAnswer => ({
    types: catalogs.deployed().map(({ catalog: { type, concurrency, policy, actions } }) => ({ type, concurrency, policy, actions })),
  }));
}
