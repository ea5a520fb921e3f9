/** The actions of __NAME__, beside `echo`, which every agent has; the catalogue lists them under `capabilities`. */
import type { Action } from "../../kit/action.ts";
import { tallyWords } from "./actions/tally-words.ts";
import type { Deps } from "./deps.ts";

export const actions: readonly Action<Deps>[] = [tallyWords];
