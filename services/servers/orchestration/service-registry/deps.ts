import type { RegistrySource } from "./etcd-source.ts";
import type { HealthBook } from "./health.ts";

export interface Deps {
  registry: RegistrySource;
  health: HealthBook;
}
