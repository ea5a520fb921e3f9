/** The kill switch: a key in etcd, and a file for whoever has only the machine. */
import { existsSync } from "node:fs";
import { KILL_SWITCH_CLEAR } from "../../../contract/trading.ts";
import type { EtcdGateway } from "../../kit/etcd/gateway.ts";
import type { Known } from "./gates.ts";

export interface KillSwitch {
  /** Null where it could not be asked. Never rejects. */
  ask(): Promise<Known<"clear" | "set">>;
}

/**
 * Any value but `clear`, an empty one too, sets it: a typing error stops trading, and never lets it run.
 *
 * @param key absent, or `clear`: trading may go on
 * @param file its presence alone sets the switch; null for none
 * @param timeoutMs after which etcd counts as not to be asked
 */
export function etcdKillSwitch(etcd: Pick<EtcdGateway, "range">, key: string, file: string | null, timeoutMs: number): KillSwitch {
  return {
    async ask() {
      try {
        if (file !== null && existsSync(file)) return "set";
        const late = new Promise<null>((resolve) => setTimeout(resolve, timeoutMs, null).unref());
        const answer = await Promise.race([etcd.range(key), late]);
        if (answer === null) return null;
        const entry = answer.entries.find((candidate) => candidate.key === key);
        return entry === undefined || entry.value === KILL_SWITCH_CLEAR ? "clear" : "set";
      } catch {
        return null;
      }
    },
  };
}
