"""A cluster of dask writes the files, and loses none when a worker is killed in the middle."""

import os
import signal
import threading
import time
from pathlib import Path

import pytest

from xlperf.reporting.placeholders import MARKS
from xlperf.workbook.write.default_templates import template
from xlperf.workbook.write.scorecard_files import PublishJob, manifest_of, publish
from xlperf.xlsx.atomic_save import packed
from xlperf.xlsx.executors import NoWorkers, workers
from xlperf.xlsx.template.context import Block, Context, Contexts

COUNT = 300


def cards():
    blocks = dict.fromkeys(MARKS["employees"].blocks, Block())
    known = {"dimension": "work", "indicator": "calls", "unit": "%", "target": 0.9, "points": 80.0, "weight": 0.05}
    items = [tuple(known.get(field, n / 100) for field in MARKS["employees"].blocks["item"][1]) for n in range(20)]
    return [
        Context(f"E{n:04}", {"employee_id": f"E{n:04}", "total": float(n)}, {**blocks, "item": Block.of(items)})
        for n in range(COUNT)
    ]


def kill_one_when_files_appear(folder: Path, victim: int):
    """Kill a worker as soon as there are some files, but not all."""
    for _ in range(1000):
        if len(list(folder.glob("E*.xlsx"))) > 5:
            os.kill(victim, signal.SIGKILL)
            return
        time.sleep(0.01)


@pytest.mark.slow
def test_a_killed_worker_costs_nothing(tmp_path):
    distributed = pytest.importorskip("distributed")
    job = PublishJob(packed(template("employees", "en")), "employees", str(tmp_path / "alone"))
    publish(Contexts.of(cards()), job, b"key")
    folder = tmp_path / "cluster"
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        victim = next(iter(cluster.workers.values())).process.process.pid
        killing = threading.Thread(target=kill_one_when_files_appear, args=(folder, victim))
        killing.start()
        with workers(2, cluster.scheduler_address) as executor:
            done = publish(
                Contexts.of(cards()), PublishJob(job.template, "employees", str(folder)), b"key", None, executor, 2
            )
        killing.join()
    assert len(done.written) == COUNT
    same = [(folder / each.name).read_bytes() == each.read_bytes() for each in (tmp_path / "alone").iterdir()]
    assert same == [True] * COUNT
    assert len(manifest_of(folder).read_text("utf-8-sig").splitlines()) == COUNT + 1


@pytest.mark.slow
def test_a_cluster_that_cannot_be_reached_is_said():
    pytest.importorskip("distributed")
    with pytest.raises(NoWorkers) as refusal, workers(2, "tcp://127.0.0.1:1"):
        pass
    assert refusal.value.problem.code == "workers-unreachable"
