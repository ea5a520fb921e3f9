/**
 * All pools of a market as a graph whose edges are swaps, in dense arrays: doubles to search with, and beside them the exact
 * states that decide. A swap is a number, its *hop*: 2·pool for token 0 in, 2·pool + 1 for token 1 in.
 */
import { demand } from "../refusal.ts";
import type { Leg } from "../pools/leg.ts";
import type { Pool } from "../pools/pool.ts";
import type { Token } from "../pools/token.ts";
import { RangeCurve } from "./range-curve.ts";

export class Market {
  readonly pools: Pool[];
  readonly tokens: readonly Token[] = [];
  /** Token that goes in, by hop; the one that comes out is that of `hop ^ 1`. */
  readonly tokenIn: Int32Array;
  /** Hops that take token t: `hops[hopsStart[t]]` to before `hops[hopsStart[t + 1]]`. */
  readonly hopsStart: Int32Array;
  readonly hops: Int32Array;
  /**
   * The swap as y = price·x / (1 + depth·x), two numbers a hop: price = keep·Rout/Rin and depth = keep/Rin, where keep is what
   * the fee leaves. On a V3 pool it is the first range's, and holds up to its end.
   */
  readonly curve: Float64Array;
  /** 1 where the pool's curve has more than one piece, by pool. */
  readonly ranged: Uint8Array;
  readonly #rangeCurves: (RangeCurve | undefined)[];
  readonly #places = new Map<string, number>();
  readonly #tokenPlaces = new Map<string, number>();

  /** @throws {Refusal} `duplicate_pool` */
  constructor(pools: readonly Pool[]) {
    this.pools = [...pools];
    this.tokenIn = new Int32Array(2 * pools.length);
    this.curve = new Float64Array(4 * pools.length);
    this.ranged = new Uint8Array(pools.length);
    this.#rangeCurves = new Array(2 * pools.length);
    pools.forEach((pool, place) => {
      demand(!this.#places.has(pool.id), "duplicate_pool", () => `pool ${pool.id} is there twice`);
      this.#places.set(pool.id, place);
      this.tokenIn[2 * place] = this.#admit(pool.token0);
      this.tokenIn[2 * place + 1] = this.#admit(pool.token1);
      this.#reckon(place, pool);
    });
    const starts = new Int32Array(this.tokens.length + 1);
    for (const token of this.tokenIn) starts[token + 1]!++;
    for (let token = 0; token < this.tokens.length; token++) starts[token + 1]! += starts[token]!;
    const next = starts.slice();
    this.hops = new Int32Array(this.tokenIn.length);
    this.tokenIn.forEach((token, hop) => { this.hops[next[token]!++] = hop; });
    this.hopsStart = starts;
  }

  /** A pool's state after a block. @returns its place @throws {Refusal} `unknown_pool`, also for other tokens under a known id */
  update(pool: Pool): number {
    const place = this.placeOf(pool.id);
    const { token0, token1 } = this.pools[place]!;
    demand(pool.token0.address === token0.address && pool.token1.address === token1.address, "unknown_pool",
      () => `pool ${pool.id} of ${pool.token0.address} and ${pool.token1.address}: the market knows it with ${token0.address} and ${token1.address}`);
    this.pools[place] = pool;
    this.#reckon(place, pool);
    return place;
  }

  /** @throws {Refusal} `unknown_pool` */
  placeOf(id: string): number {
    const place = this.#places.get(id.toLowerCase());
    demand(place !== undefined, "unknown_pool", () => `pool ${id} is not in this market of ${this.pools.length} pools`);
    return place;
  }

  /** @throws {Refusal} `unknown_token` */
  tokenPlace(address: string): number {
    const place = this.#tokenPlaces.get(address.toLowerCase());
    demand(place !== undefined, "unknown_token", () => `token ${address} is in no pool of this market`);
    return place;
  }

  legsOf(hops: Iterable<number>): Leg[] {
    return Array.from(hops, (hop) => ({ pool: this.pools[hop >> 1]!, zeroForOne: (hop & 1) === 0 }));
  }

  #admit(token: Token): number {
    const known = this.#tokenPlaces.get(token.address);
    if (known !== undefined) return known;
    this.#tokenPlaces.set(token.address, this.tokens.length);
    return (this.tokens as Token[]).push(token) - 1;
  }

  /** The pieces of a hop over a V3 pool. */
  rangeCurve(hop: number): RangeCurve {
    const pool = this.pools[hop >> 1]!;
    demand(pool.kind === "v3", "unknown_pool", () => `pool ${pool.id} has no ranges: it is of kind ${pool.kind}`);
    return (this.#rangeCurves[hop] ??= new RangeCurve(pool, (hop & 1) === 0));
  }

  #reckon(place: number, pool: Pool): void {
    for (const hop of [2 * place, 2 * place + 1]) {
      const at = 2 * hop;
      if (pool.kind === "v2") {
        const [reserveIn, reserveOut] = hop & 1 ? [Number(pool.reserve1), Number(pool.reserve0)] : [Number(pool.reserve0), Number(pool.reserve1)];
        const keep = 1 - pool.feePips / 1e6;
        this.curve[at] = (keep * reserveOut) / reserveIn;
        this.curve[at + 1] = keep / reserveIn;
      } else {
        this.#rangeCurves[hop] = undefined;
        const first = this.rangeCurve(hop).piece(0);
        this.curve[at] = first?.price ?? 0;
        this.curve[at + 1] = first?.depth ?? 1;
      }
    }
    this.ranged[place] = pool.kind === "v3" ? 1 : 0;
  }
}
