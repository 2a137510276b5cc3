"""Dask with two worker processes on loopback: the verdicts of `golive batch`, line for line."""

import logging
import tempfile
import unittest
from pathlib import Path

import dask.bag
import dask.config
import dask.dataframe
import pandas
from dask.distributed import Client, LocalCluster
from support import AT, GOLIVE, PARAMETERS, broken, digest, documents, local, same

from golive_fleet import WorkerError
from golive_fleet.dask import evaluate


class Dask(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        settings = dask.config.set(temporary_directory=folder.name)
        cls.addClassCleanup(settings.__exit__, None, None, None)
        cluster = LocalCluster(
            n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None, worker_dashboard_address=None,
            silence_logs=logging.CRITICAL,
        )  # fmt: skip
        cls.addClassCleanup(cluster.close)
        client = Client(cluster)
        cls.addClassCleanup(client.close)
        cls.given = {"golive": GOLIVE, "at": AT, "expect_checklist": digest(), "parameters": PARAMETERS}
        some = documents()[:1000]
        cls.lines = some[:500] + broken(some[0]) + some[500:]
        cls.wanted = local(Path(folder.name), cls.lines)
        cls.path = Path(folder.name) / "local.jsonl"

    def test_a_bag_has_the_verdicts_of_the_local_run(self) -> None:
        bag = dask.bag.read_text(str(self.path), blocksize="2MiB", encoding="utf-8")
        self.assertGreaterEqual(bag.npartitions, 5)
        same(self, evaluate(bag, **self.given).compute(), self.wanted)

    def test_a_column_of_a_dataframe_too(self) -> None:
        frame = dask.dataframe.from_pandas(pandas.DataFrame({"facts": self.lines[450:550]}), npartitions=3)
        got = evaluate(frame, "facts", **self.given).compute()
        same(self, got, self.wanted[450:550])

    def test_another_checklist_ends_it(self) -> None:
        given = self.given | {"expect_checklist": "sha256:" + "0" * 64}
        with self.assertRaisesRegex(WorkerError, "exit code 4: .*the checklist's digest is sha256:"):
            evaluate(dask.bag.from_sequence(self.lines[:2]), **given).compute()

    def test_a_worker_that_says_too_little_ends_it(self) -> None:
        with self.assertRaisesRegex(WorkerError, "without an answer"):
            evaluate(dask.bag.from_sequence(self.lines[:2]), **self.given | {"golive": "/bin/true"}).compute()


if __name__ == "__main__":
    unittest.main()
