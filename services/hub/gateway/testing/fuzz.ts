/** Sends mutants over connections of their own, and counts what they are answered. */
import { connect } from "node:net";
import { mutantOf, randomOf, type Mutant } from "./mutate.ts";

export interface FuzzResult {
  /** By status; `closed` where the connection ended without one, `silent` where neither came in time. */
  statuses: Record<string, number>;
  /** What was answered with 500 or more, with the request that was. */
  faults: { status: string; request: string; answer: string }[];
}

const PATIENCE_MS = 2_000;
const FAULTS_KEPT = 20;

export async function fuzz({ port, requests, seed, authorization, parallel = 32, onProgress }: {
  port: number; requests: number; seed: number; authorization: string; parallel?: number; onProgress?: (done: number) => void;
}): Promise<FuzzResult> {
  const random = randomOf(seed);
  const result: FuzzResult = { statuses: {}, faults: [] };
  let left = requests;
  await Promise.all(Array.from({ length: parallel }, async () => {
    while (left-- > 0) {
      const mutant = mutantOf(random, authorization);
      const answer = await send(port, mutant);
      const status = /^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? answer;
      result.statuses[status] = (result.statuses[status] ?? 0) + 1;
      if (Number(status) >= 500 && result.faults.length < FAULTS_KEPT) result.faults.push({ status, request: mutant.bytes.toString("latin1").slice(0, 2_000), answer: answer.slice(0, 500) });
      if (left % 10_000 === 0) onProgress?.(requests - left);
    }
  }));
  return result;
}

function send(port: number, { bytes, then }: Mutant): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" });
    let answer = "";
    // A reset leaves no port waiting: a hundred thousand connections would use them all up.
    const end = (what: string): void => {
      clearTimeout(timer);
      socket.resetAndDestroy();
      resolve(what);
    };
    const timer = setTimeout(() => end(answer === "" ? "silent" : answer), then === "half-close" ? PATIENCE_MS : PATIENCE_MS / 4);
    socket.on("data", (data) => {
      answer += data.toString("latin1");
      if (/^HTTP\/1\.1 (?!1\d\d)\d{3}[\s\S]*\r\n\r\n/.test(answer)) end(answer);
    });
    socket.on("error", () => end(answer === "" ? "closed" : answer));
    socket.on("close", () => end(answer === "" ? "closed" : answer));
    socket.write(bytes, () => {
      if (then === "half-close") socket.end();
      else if (then === "vanish") end("vanished");
    });
  });
}
