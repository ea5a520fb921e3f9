/** Ports on the engine's host. */
import { INFRASTRUCTURE } from "../contract/services.ts";
import type { Settings } from "../contract/settings.ts";
import type { PortSpec } from "./service-spec.ts";

const LOOPBACK = "127.0.0.1";

/** Loopback ports with the same number and the stack's offset; none where the stack shows only its edge. */
export function publish(settings: Settings, ...ports: number[]): PortSpec[] {
  if (settings.exposure === "edge") return [];
  return ports.map((port) => ({ container: port, host: port + settings.portOffset, ip: LOOPBACK }));
}

/** The edge's port. */
export function publishEdge(settings: Settings): PortSpec[] {
  return [{ container: INFRASTRUCTURE.edge.port, host: settings.edge.port + settings.portOffset, ip: settings.edge.bind }];
}

/** Container of a host. */
export const containerName = (settings: Settings, host: string): string => `${settings.namePrefix}${host}`;
