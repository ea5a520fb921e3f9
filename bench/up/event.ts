/** The event both are timed to: every server and agent is registered, and one task is done. */

export interface Target {
  /** Origin of the edge. */
  edge: string;
  token: string;
  /** Hosts that must be registered. */
  hosts: readonly string[];
  /** Agent type that does the task. */
  type: string;
}

/** @throws when it has not happened within `withinMs` */
export async function registeredAndOneTaskDone({ edge, token, hosts, type }: Target, withinMs = 180_000): Promise<void> {
  const deadline = Date.now() + withinMs;
  const get = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(`${edge}/api/v1${path}`, { ...init, headers: { authorization: `Bearer ${token}`, "content-type": "application/json" }, signal: AbortSignal.timeout(3_000) });
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
    return response.json() as Promise<any>;
  };
  const until = async (what: string, probe: () => Promise<boolean>) => {
    while (!(await probe().catch(() => false))) {
      if (Date.now() > deadline) throw new Error(`${what}: not within ${withinMs / 1000} s`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  await until("registration", async () => {
    const listed = new Set((await get("/services")).services.map((s: { host: string }) => s.host));
    return hosts.every((host) => listed.has(host));
  });
  let id = "";
  await until("task accepted", async () => {
    id = (await get("/tasks", { method: "POST", body: JSON.stringify({ type, action: "echo", input: { payload: 1 } }) })).id;
    return true;
  });
  await until("task done", async () => (await get(`/tasks/${id}`)).state === "succeeded");
}
