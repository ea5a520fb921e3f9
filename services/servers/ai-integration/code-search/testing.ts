/** A database for tests that answers by what a statement reads. */
import type { Deps } from "./deps.ts";

export interface Asked {
  text: string;
  values: readonly unknown[];
}

/**
 * @param answers the first whose key occurs in the statement gives the rows; a function may throw
 * @returns dependencies, and what they were asked
 */
export function fakeIndex(answers: Record<string, object[] | ((asked: Asked) => object[])>): Deps & { asked: Asked[] } {
  const asked: Asked[] = [];
  return {
    asked,
    async query<Row extends object>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
      asked.push({ text, values });
      const answer = Object.entries(answers).find(([part]) => text.includes(part))?.[1];
      if (!answer) throw new Error(`no answer to: ${text}`);
      return (typeof answer === "function" ? answer({ text, values }) : answer) as Row[];
    },
  };
}

export const REPOSITORY_NAMES = "SELECT name FROM code_index.repositories";
export const FILE_BY_PATH = "WHERE f.path = $1";
export const aFile = (more: object = {}): object =>
  ({ blobId: "7", repository: "lib", revision: "c0ffee", path: "src/a.ts", language: "TypeScript", lineCount: 900, skipped: null, ...more });
