/** Books for tests that have no database: lines in a file, so that they outlive a process that is killed. */
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { FINAL_STATUSES, type Books, type Found, type Signature, type Status, type Trade } from "../books/books.ts";

type Line =
  | { what: "claim"; found: Found; at: number }
  | { what: "sign"; key: string; signature: Signature; at: number }
  | { what: "forget"; before: number; at: number }
  | { what: "record"; key: string; status: Status; more: Parameters<Books["record"]>[2]; at: number };

const write = (line: Line): string => `${JSON.stringify(line, (_, value: unknown) => (typeof value === "bigint" ? `${value}n` : value))}\n`;
const read = (text: string): Line => JSON.parse(text, (_, value: unknown) => (typeof value === "string" && /^-?\d+n$/.test(value) ? BigInt(value.slice(0, -1)) : value)) as Line;

type Kept = { -readonly [Key in keyof Trade]: Trade[Key] } & { signatures: Signature[] };

export class FileBooks implements Books {
  readonly #file: string;
  constructor(file: string) {
    this.#file = file;
  }

  /** Read anew each time: another process may have written. */
  #trades(): Map<string, Kept> {
    const trades = new Map<string, Kept>();
    let claimed = 0;
    if (!existsSync(this.#file)) return trades;
    for (const line of readFileSync(this.#file, "utf8").split("\n").filter(Boolean).map(read)) {
      if (line.what === "claim") {
        trades.set(line.found.key, {
          ...line.found, planId: BigInt(++claimed), status: "claimed", reason: null, signatures: [], outcome: null, foundAt: new Date(line.at), changedAt: new Date(line.at),
        });
        continue;
      }
      if (line.what === "forget") {
        for (const { key, status, changedAt } of trades.values()) {
          if (["refused", "rehearsed", "abandoned"].includes(status) && changedAt.getTime() < line.before) trades.delete(key);
        }
        continue;
      }
      const trade = trades.get(line.key)!;
      trade.changedAt = new Date(line.at);
      if (line.what === "sign") {
        trade.signatures.push(line.signature);
        if (trade.status === "claimed") trade.status = "signed";
        continue;
      }
      trade.status = line.status;
      trade.reason = line.more?.reason ?? trade.reason;
      if (line.more?.outcome !== undefined) trade.outcome = line.more.outcome;
    }
    return trades;
  }

  #append(line: Line): void {
    appendFileSync(this.#file, write(line), { flush: true });
  }

  async claim(found: Found): Promise<bigint | null> {
    const trades = this.#trades();
    if (trades.has(found.key)) return null;
    this.#append({ what: "claim", found, at: Date.now() });
    return this.#trades().get(found.key)!.planId;
  }

  async sign(key: string, signature: Signature): Promise<void> {
    this.#append({ what: "sign", key, signature, at: Date.now() });
  }

  async record(key: string, status: Status, more?: Parameters<Books["record"]>[2]): Promise<boolean> {
    const trade = this.#trades().get(key);
    if (!trade || FINAL_STATUSES.includes(trade.status)) return false;
    this.#append({ what: "record", key, status, more, at: Date.now() });
    return true;
  }

  async open(chainId: number, account: string): Promise<Trade[]> {
    return [...this.#trades().values()].filter((trade) => trade.chainId === chainId && trade.account === account && !FINAL_STATUSES.includes(trade.status));
  }

  async get(key: string): Promise<Trade | null> {
    return this.#trades().get(key) ?? null;
  }

  async list({ limit, before }: { limit: number; before?: bigint }): Promise<Trade[]> {
    return [...this.#trades().values()].reverse().filter(({ planId }) => before === undefined || planId < before).slice(0, limit);
  }

  async spendings(chainId: number, account: string, since: Date): ReturnType<Books["spendings"]> {
    return [...this.#trades().values()].flatMap(({ outcome, changedAt, ...trade }) =>
      (outcome && trade.chainId === chainId && trade.account === account && changedAt > since
        ? [{ atMs: changedAt.getTime(), gas: outcome.gasCost, net: outcome.profit - outcome.gasCost, reverted: outcome.profit === 0n }] : []));
  }

  async forgetUnsent(before: Date): Promise<number> {
    const had = this.#trades().size;
    this.#append({ what: "forget", before: before.getTime(), at: Date.now() });
    return had - this.#trades().size;
  }
}
