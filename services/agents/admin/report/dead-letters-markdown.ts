import type { DeadGroup } from "../fabric/fabric-reader.ts";
import { markdownTable } from "./markdown-table.ts";

/** A message in a table is a hint, not the whole story: the task has it. */
const MESSAGE_CHARS = 160;

export function deadLettersMarkdown(total: number, groups: readonly DeadGroup[]): string {
  if (total === 0) return "# Dead letters\n\nNone.\n";
  const rows = groups.map(({ type, action, state, errorCode, tasks, oldest, newest, message, taskId }) =>
    [type, action, state, errorCode ?? "", tasks, oldest, newest, (message ?? "").slice(0, MESSAGE_CHARS), taskId]);
  return `# Dead letters\n\n${total} tasks were given up.\n\n${markdownTable(["type", "action", "state", "code", "tasks", "oldest", "newest", "message", "task"], rows)}\n`;
}
