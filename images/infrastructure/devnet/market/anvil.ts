/** An anvil process on a loopback port of its own. */
import { spawn, type ChildProcess } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** Names of processors in the names of anvil's packages. */
const ARCHITECTURES: Record<string, string> = { x64: "amd64", arm64: "arm64" };

export const ANVIL_PACKAGE = `@foundry-rs/anvil-${process.platform}-${ARCHITECTURES[process.arch]}`;

export interface Anvil {
  url: string;
  pid: number;
  /** Resolves when the process is gone. */
  stop(): Promise<void>;
}

/** @param options command line, beside host and port @param port 0 for any that is free */
export async function startAnvil(options: readonly string[], port = 0): Promise<Anvil> {
  const binary = join(dirname(createRequire(import.meta.url).resolve(`${ANVIL_PACKAGE}/package.json`)), "bin", "anvil");
  const anvil = spawn(binary, ["--host", "127.0.0.1", "--port", String(port), ...options], { stdio: ["ignore", "pipe", "pipe"] });
  const kill = (): void => void anvil.kill("SIGKILL");
  process.once("exit", kill);
  const gone = new Promise<void>((resolve) => anvil.once("exit", () => { process.off("exit", kill); resolve(); }));
  const listening = await listeningPort(anvil);
  // Nobody reads it from here on, and a full pipe would stop the chain.
  anvil.stdout!.resume();
  anvil.stderr!.resume();
  return { url: `http://127.0.0.1:${listening}`, pid: anvil.pid!, stop: () => { kill(); return gone; } };
}

function listeningPort(anvil: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let printed = "";
    anvil.stdout!.setEncoding("utf8").on("data", (text: string) => {
      printed += text;
      const port = /Listening on \S+:(\d+)/.exec(printed)?.[1];
      if (port) resolve(Number(port));
    });
    anvil.stderr!.setEncoding("utf8").on("data", (text: string) => { printed += text; });
    anvil.once("error", reject);
    anvil.once("exit", (code) => reject(new Error(`anvil ended with ${code} before it listened: ${printed}`)));
  });
}
