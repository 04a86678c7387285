"""A corpus on a real cluster: a scheduler and two worker processes, one of which is killed during the run."""

import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pyarrow.parquet as pq
import pytest

from conftest import resampled
from test_corpus import SENTENCES, bytes_of, refused, run

distributed = pytest.importorskip("distributed", reason="the extra framelens[dask] is not installed")


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    # any free port, for the usual one may be taken; a killed worker is logged, which is no news here
    with distributed.LocalCluster(
        n_workers=2, processes=True, threads_per_worker=1, dashboard_address=":0", silence_logs=50
    ) as started:
        yield started


def kill_at_work(worker: int, out: Path) -> Thread:
    """A thread that kills a worker once both have begun a partition."""

    def watch() -> None:
        while len(list(out.glob(".part*"))) < 2:
            time.sleep(0.01)
        os.kill(worker, signal.SIGKILL)

    thread = Thread(target=watch, daemon=True)
    thread.start()
    return thread


def test_a_killed_worker_loses_nothing_and_nothing_is_there_twice(cluster: Any, tmp_path: Path) -> None:
    corpus, out = tmp_path / "corpus", tmp_path / "out"
    corpus.mkdir()
    for number in range(4):
        pq.write_table(resampled(3_000, seed=number), corpus / f"part-{number}.parquet")
    victim = next(iter(cluster.workers.values())).pid
    killer = kill_at_work(victim, out)
    result = run(corpus, out, *SENTENCES, "--dask", cluster.scheduler_address, "--json")
    killer.join(timeout=1)
    assert not killer.is_alive()
    assert victim not in [worker.pid for worker in cluster.workers.values()]
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)["classified"] == 4
    assert run(corpus, tmp_path / "here", *SENTENCES).exit_code == 0
    assert bytes_of(out) == bytes_of(tmp_path / "here")


def test_a_partition_that_fails_on_a_worker_is_told(cluster: Any, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"title": "x"}\n', encoding="utf-8")
    result = run(tmp_path / "a.jsonl", tmp_path / "out", "--dask", cluster.scheduler_address)
    assert result.exit_code == 1
    assert "failed: a.jsonl: no column 'text'" in result.stderr


def test_what_is_no_cluster_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "They left."}\n', encoding="utf-8")
    call = (tmp_path / "a.jsonl", tmp_path / "out", "--dask")
    assert "--dask gossip: no scheduler answers there" in refused(*call, "gossip")
    with distributed.LocalCluster(n_workers=0, processes=True, dashboard_address=":0") as bare:
        assert "the cluster has no workers" in refused(*call, bare.scheduler_address)
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert "pip install 'framelens[dask]'" in refused(*call, "gossip")
