/** The tools of __NAME__; the catalogue lists them under `capabilities`. */
import type { Tool } from "../../../kit/tool.ts";
import type { Deps } from "./deps.ts";
import { listKeywords } from "./tools/list-keywords.ts";
import { measureText } from "./tools/measure-text.ts";

export const tools: readonly Tool<Deps>[] = [listKeywords, measureText];
