"""A worker in Python, by docs/PROTOCOL.md alone: takes tasks from the bus, does them, and reports until the hub has the result."""
import json, signal, threading, time, uuid
import pika, psycopg
from actions import ACTIONS
from presence import AGENT, GRACE, KIND, SLOTS, TYPE, connected, draining, env, now, post, show, stopping

held = {}  # by (task id, attempt)

class Held:
    """A task from its delivery until the hub has stored its result. Its first end counts: what its action answers later is dropped."""
    agent = AGENT
    def __init__(self, task):
        self.task, self.tag, self.result, self.over, self.said, self.beat = task, None, None, threading.Event(), 0.0, time.time() + 0.5
    def end(self, outcome, **more):
        self.result = self.result or {"taskId": self.task["taskId"], "attempt": self.task["attempt"], "agentId": AGENT, "outcome": outcome, **more}
        self.over.set()
    def run(self):
        fail = lambda code, problem, retryable: self.end("failed", error={"code": code, "message": repr(problem)[:2000], "retryable": retryable})
        try: self.end("succeeded", result=ACTIONS[self.task["action"]][0](self, **self.task["input"]))
        except (TypeError, ValueError, LookupError) as problem: fail("bad_input", problem, False)
        except Exception as problem: fail("unavailable" if isinstance(problem, (OSError, psycopg.OperationalError)) else "internal", problem, True)

def say(channel, key, event, body, id, mode=pika.DeliveryMode.Persistent):
    event = {"specversion": "1.0", "id": id, "source": f"/agents/{AGENT}", "type": f"mcp.{event}.v1", "time": now()}
    headers = {f"cloudEvents:{name}": value for name, value in event.items()}
    properties = pika.BasicProperties(content_type="application/json", delivery_mode=mode, message_id=id, headers=headers)
    channel.basic_publish("mcp.topic", f"{key}.{KIND}", json.dumps(body), properties, mandatory=True)

def take(channel, method, properties, body):
    try:
        task = json.loads(body)
        key = (str(uuid.UUID(task["taskId"])), int(task["attempt"]))
        if task["type"] != TYPE or not isinstance(task["input"], dict): raise ValueError(f"no task for {TYPE}")
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        refused = {"refused": True, "reason": "not_a_task", "problem": repr(problem)[:2000], "queue": f"tasks.{KIND}",
                   "messageId": properties.message_id, "content": body.decode(errors="replace")[:16_384]}
        say(channel, "results", "message.refused", refused, str(uuid.uuid4()))
        return channel.basic_ack(method.delivery_tag)
    if key not in held: threading.Thread(target=held.setdefault(key, Held(task)).run, daemon=True).start()
    if held[key].tag: channel.basic_ack(held[key].tag)  # another copy, as the hub sends again what was not confirmed; one is enough
    held[key].tag = method.delivery_tag  # the latest: after a lost connection the broker delivers again what is being worked on

def hear(channel, method, properties, body):
    said = json.loads(body)
    if said["kind"] == "drain": draining.set()
    for attempt in said.get("attempts", [said]):
        own = held.get((attempt.get("taskId"), attempt.get("attempt")))
        if own and said["kind"] == "cancel": own.end("cancelled")
        if own and said["kind"] == "stored" and held.pop((own.task["taskId"], own.task["attempt"])).tag: channel.basic_ack(own.tag)

def serve(channel):
    for own in held.values(): own.tag = None  # of a connection that is gone
    channel.confirm_delivery()
    channel.queue_declare(f"control.{AGENT}", exclusive=True, auto_delete=True)
    channel.queue_bind(f"control.{AGENT}", "mcp.topic")
    channel.basic_consume(f"control.{AGENT}", hear, auto_ack=True)
    channel.basic_qos(prefetch_count=SLOTS)
    tasks = channel.basic_consume(f"tasks.{KIND}", take)
    connected.set()
    give_up = float("inf")
    while held or not stopping.is_set():
        channel.connection.process_data_events(time_limit=0.05)
        if tasks and draining.is_set(): tasks = channel.basic_cancel(tasks) and None
        if stopping.is_set(): give_up = min(give_up, time.time() + GRACE - 5)
        for (id, attempt), own in list(held.items()):
            if time.time() > give_up: own.end("returned")  # another instance begins it at once
            if own.result and time.time() > own.said + 3:  # again until the hub says that it is stored
                own.said, event = time.time(), "task.succeeded" if own.result["outcome"] == "succeeded" else "task.failed"
                say(channel, "results", event, own.result, f"{id}:{attempt}")
            elif not own.result and time.time() > own.beat:
                own.beat = time.time() + 5
                sign = {"taskId": id, "attempt": attempt, "agentId": AGENT}
                say(channel, "heartbeats", "task.heartbeat", sign, str(uuid.uuid4()), pika.DeliveryMode.Transient)

def main():
    for signum in (signal.SIGTERM, signal.SIGINT): signal.signal(signum, lambda *_: (draining.set(), stopping.set()))
    show(ACTIONS)
    while held or not stopping.is_set():
        try:
            post(env("MCP_ACCESS_URL", "http://access:3002") + "/v1/grants", {"grant": env("MCP_ACCESS_GRANT")})
            with pika.BlockingConnection(pika.URLParameters(env("MCP_RABBITMQ_URL"))) as connection: serve(connection.channel())
        except (OSError, pika.exceptions.AMQPError) as problem:
            connected.clear()
            print(json.dumps({"service": TYPE, "level": "warn", "time": now(), "msg": f"away: {problem!r}"}), flush=True)
            time.sleep(1)

if __name__ == "__main__": main()
