"""Celery as a careful team would run it: nothing is acknowledged before it is done, queues are quorum queues."""
import json
import os

from celery import Celery

with open(os.environ["BENCH_CELERY_SETTINGS"], encoding="utf-8") as file:
    settings = json.load(file)

app = Celery("celery_app", broker=settings["broker"], backend=f"db+{settings['database']}")
app.conf.update(
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_default_queue_type="quorum",
    broker_transport_options={"confirm_publish": True},
    worker_enable_remote_control=False,
    worker_concurrency=settings["concurrency"],
    broker_connection_retry_on_startup=True,
)


@app.task(name="noop")
def noop(size):
    return "x" * size
