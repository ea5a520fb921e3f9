import type { PoolClient } from "pg";

/** Runs `work` between BEGIN and COMMIT; what it did is undone when it throws. */
export async function inTransaction<T>(client: PoolClient, work: () => Promise<T>): Promise<T> {
  await client.query("BEGIN");
  try {
    const answer = await work();
    await client.query("COMMIT");
    return answer;
  } catch (error) {
    // A connection that is gone has rolled back already; the first error is the one worth telling.
    await client.query("ROLLBACK").catch(() => {});
    throw error;
  }
}
