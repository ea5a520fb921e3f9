"""Submits tasks to Celery and waits for their rows in its result table; one JSON object a line in, one out."""
import json
import sys
import threading
import time

import psycopg

from celery_app import app, noop, settings

# AsyncResult.get asks for each task each half second; one question for all of them, each 2 ms, is kinder to Celery.
POLL_SECONDS = 0.002
SENDERS = 8
LOST_SECONDS = 120

waiting = {}
lock = threading.Lock()


def listen():
    with psycopg.connect(settings["database"].replace("+psycopg", ""), autocommit=True) as connection:
        while True:
            with lock:
                ids = list(waiting)
            if not ids:
                time.sleep(POLL_SECONDS)
                continue
            rows = connection.execute("select task_id from celery_taskmeta where status = 'SUCCESS' and task_id = any(%s)", (ids,)).fetchall()
            with lock:
                done = [waiting.pop(row[0]) for row in rows if row[0] in waiting]
            for event in done:
                event.set()
            if not done:
                time.sleep(POLL_SECONDS)


def send(size):
    result = noop.apply_async((size,))
    event = threading.Event()
    with lock:
        waiting[result.id] = event
    return event


def wait(event):
    if not event.wait(LOST_SECONDS):
        raise RuntimeError(f"a task was not done within {LOST_SECONDS} s")


def in_threads(count, work):
    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def steady(in_flight, ms, size):
    latencies = []
    started = time.perf_counter()

    def work():
        while (time.perf_counter() - started) * 1000 < ms:
            at = time.perf_counter()
            wait(send(size))
            latencies.append((time.perf_counter() - at) * 1000)

    in_threads(in_flight, work)
    return {"seconds": time.perf_counter() - started, "latenciesMs": latencies}


def burst(tasks):
    events = []
    left = iter(range(tasks))
    started = time.perf_counter()

    def work():
        while True:
            with lock:
                if next(left, None) is None:
                    return
            events.append(send(0))

    in_threads(min(SENDERS, tasks), work)
    for event in events:
        wait(event)
    return {"seconds": time.perf_counter() - started, "tasks": len(events)}


app.backend.get_task_meta("none")  # makes the result table
threading.Thread(target=listen, daemon=True).start()
print(json.dumps({"ready": True}), flush=True)
for line in sys.stdin:
    question = json.loads(line)
    answer = burst(question["burst"]) if "burst" in question else steady(question["inFlight"], question["ms"], question["bytes"])
    print(json.dumps(answer), flush=True)
