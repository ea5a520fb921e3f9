/** What this server offers. */
import { findServices } from "./tools/find-services.ts";
import { getFleetHealth } from "./tools/get-fleet-health.ts";
import { getService } from "./tools/get-service.ts";
import { listCapabilities } from "./tools/list-capabilities.ts";
import { watchChanges } from "./tools/watch-changes.ts";

export const tools = [findServices, getFleetHealth, getService, listCapabilities, watchChanges];
