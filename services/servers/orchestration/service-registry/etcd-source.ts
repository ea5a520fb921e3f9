/** Reads the registry from etcd, now or as it was. */
import { REGISTRY_PREFIX } from "../../../../contract/registry.ts";
import { messageOf, Unavailable } from "../../../kit/errors.ts";
import { EtcdError } from "../../../kit/etcd/connection.ts";
import type { EtcdGateway } from "../../../kit/etcd/gateway.ts";
import { readEntries, type Snapshot } from "./registry.ts";

export interface RegistrySource {
  /** @throws {Unavailable} when etcd does not answer */
  now(): Promise<Snapshot>;
  /** As it was; null when etcd has forgotten that revision, or has not reached it. */
  at(revision: string): Promise<Snapshot | null>;
  /** Resolves at a change after the revision, at the time limit, or when the caller goes away. */
  changeAfter(revision: string, limitMs: number, signal: AbortSignal): Promise<void>;
}

/** "mvcc: required revision has been compacted", "… is a future revision". */
const UNREACHABLE_REVISION = /compacted|future revision/;

/** A watch that fails ends the wait early, but not at once: its caller looks again, and would turn in circles. */
const PAUSE_MS = 500;

/** Over the JSON gateway: the gRPC client waits without limit for an etcd that is gone, and up to 30 s after it is back. */
export function etcdSource(etcd: EtcdGateway): RegistrySource {
  const away = (error: unknown): Unavailable => new Unavailable(`etcd did not answer: ${messageOf(error)}.`, { cause: error });
  return {
    async now() {
      const { revision, entries } = await etcd.range(REGISTRY_PREFIX).catch((error: unknown) => { throw away(error); });
      return { revision: String(revision), entries: readEntries(entries) };
    },
    async at(revision) {
      try {
        const { entries } = await etcd.range(REGISTRY_PREFIX, BigInt(revision));
        return { revision, entries: readEntries(entries) };
      } catch (error) {
        if (error instanceof EtcdError && UNREACHABLE_REVISION.test(error.message)) return null;
        throw away(error);
      }
    },
    async changeAfter(revision, limitMs, caller) {
      const limit = AbortSignal.any([AbortSignal.timeout(limitMs), caller]);
      try {
        await firstEvent(etcd, BigInt(revision) + 1n, limit);
      } catch {
        if (!limit.aborted) await new Promise((resolve) => setTimeout(resolve, Math.min(PAUSE_MS, limitMs)));
      }
    },
  };
}

/** The stream is a JSON document a line; the first says only that the watch exists. */
async function firstEvent(etcd: EtcdGateway, from: bigint, signal: AbortSignal): Promise<void> {
  const { url, headers, body } = etcd.watchRequest(REGISTRY_PREFIX, from);
  const response = await fetch(url, { method: "POST", headers, body, signal });
  let rest = "";
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop()!;
    for (const line of lines.filter(Boolean)) {
      const { result, error } = JSON.parse(line) as { result?: { canceled?: boolean; events?: unknown[] }; error?: { message?: string } };
      if (error || result?.canceled) throw new Error(`etcd ended the watch: ${error?.message ?? "compacted"}`);
      if (result?.events?.length) return;
    }
  }
  throw new Error("etcd ended the watch");
}
