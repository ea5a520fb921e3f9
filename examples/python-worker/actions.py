"""What the worker can do. An action gets the task that it belongs to, and its input by name; what it returns is the result."""
import itertools, statistics
import psycopg
from presence import env

def price_statistics(own, prices):
    changes = [after / before - 1 for before, after in zip(prices, prices[1:])]
    return {
        "count": len(prices), "mean": statistics.fmean(prices), "median": statistics.median(prices), "change": prices[-1] / prices[0] - 1,
        "volatility": statistics.stdev(changes) if len(changes) > 1 else 0.0,
        "maxDrawdown": max(1 - price / peak for price, peak in zip(prices, itertools.accumulate(prices, max))),
    }

def database():
    return psycopg.connect(env("MCP_POSTGRES_URL"))

def once(own, key, effect):
    """An effect that happens once however often its task is delivered: in the transaction that claims its key."""
    with database() as db:
        place = (own.task["taskId"], key, own.task["attempt"], own.agent)
        claim = "insert into fabric.effect_claims (task_id, key, attempt, agent_id) values (%s, %s, %s, %s) on conflict do nothing"
        if db.execute(claim, place).rowcount: effect(db, place)

def echo(own, payload=None, sleepMs=0, failTimes=0, padBytes=0):
    once(own, "echo", lambda db, place: db.execute("insert into fabric.effects (task_id, key, attempt, agent_id) values (%s, %s, %s, %s)", place))
    own.over.wait(sleepMs / 1000)
    if own.task["attempt"] <= failTimes: raise OSError(f"Attempt {own.task['attempt']} failed because failTimes is {failTimes}.")
    with database() as db:
        effects = db.execute("select count(*) from fabric.effects where task_id = %s", (own.task["taskId"],)).fetchone()[0]
    pad = {"pad": "x" * padBytes} if padBytes else {}
    return {"payload": payload, "agent": own.agent, "attempt": own.task["attempt"], "effects": effects, **pad}

def schema(*required, **fields):
    return {"type": "object", "properties": fields, "required": required, "additionalProperties": False}

WHOLE, PRICE = {"type": "integer", "minimum": 0, "maximum": 1_000_000}, {"type": "number", "exclusiveMinimum": 0}
ACTIONS = {  # name: (function, what it does, schema of its input)
    "echo": (echo, "Gives its payload back and leaves one effect.", schema(payload={}, sleepMs=WHOLE, failTimes=WHOLE, padBytes=WHOLE)),
    "price_statistics": (price_statistics, "Mean, median, change, volatility and largest drawdown of a series of prices, oldest first.",
                         schema("prices", prices={"type": "array", "items": PRICE, "minItems": 1, "maxItems": 10_000})),
}
