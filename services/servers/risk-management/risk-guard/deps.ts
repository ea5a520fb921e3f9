import type { EtcdGateway } from "../../../kit/etcd/gateway.ts";
import type { TraderClient } from "../../shared/trader-client.ts";

export interface Deps {
  etcd: Pick<EtcdGateway, "range" | "put">;
  trader: Pick<TraderClient, "state" | "gates">;
  now(): Date;
}
