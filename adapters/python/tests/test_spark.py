"""A standalone Spark on loopback: the verdicts of `golive batch`, line for line, also where an executor is killed in the middle."""

import shutil
import signal
import tempfile
import threading
import unittest
from pathlib import Path

from cluster import Cluster, below, executors, foreign_listeners, kill, read, wait
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession
from support import ADAPTER, AT, GOLIVE, PARAMETERS, ROOT, broken, digest, documents, local, same

from golive_fleet import MEMBERS
from golive_fleet.spark import evaluate


class Spark(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        cls.cluster = Cluster(cls.folder)
        cls.addClassCleanup(cls.ends)
        settings = {
            "spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1", "spark.ui.enabled": "false",
            "spark.ui.showConsoleProgress": "false",
            "spark.driver.extraJavaOptions": cls.cluster.java, "spark.executor.extraJavaOptions": cls.cluster.java,
            "spark.driver.memory": "512m", "spark.executor.memory": "512m", "spark.executor.cores": "1", "spark.cores.max": "2",
            "spark.scheduler.minRegisteredResourcesRatio": "1", "spark.scheduler.maxRegisteredResourcesWaitingTime": "60s",
            "spark.sql.files.maxPartitionBytes": "3m", "spark.sql.files.openCostInBytes": "0", "spark.local.dir": str(cls.folder / "local"),
            "spark.sql.warehouse.dir": str(cls.folder / "warehouse"),
        }  # fmt: skip
        builder = SparkSession.builder.master(cls.cluster.url).appName("golive")
        for name, value in settings.items():
            builder = builder.config(name, value)
        cls.spark = builder.getOrCreate()
        cls.addClassCleanup(cls.stops)
        cls.spark.sparkContext.setLogLevel("OFF")
        cls.ship()
        cls.given = {"golive": "./golive", "at": AT, "expect_checklist": digest()}
        cls.given |= {"checklist": "./checklist", "parameters": "./parameters.json", "config": "./golive.toml"}
        some = documents()
        cls.lines = some[:500] + broken(some[0]) + some[500:]
        cls.wanted = local(cls.folder, cls.lines)
        cls.facts = cls.spark.read.text(str(cls.folder / "local.jsonl"))

    @classmethod
    def stops(cls) -> None:
        driver = cls.spark.sparkContext._gateway.proc
        cls.spark.stop()
        # The driver's JVM lives as long as its input does.
        driver.stdin.close()
        driver.wait(20)

    @classmethod
    def ends(cls) -> None:
        left = cls.cluster.end()
        if left:
            raise AssertionError(f"processes that did not end: {left}")

    @classmethod
    def ship(cls) -> None:
        """What docs/cluster.md ships: package, binary, parameters, a configuration, and the checklist as an archive."""
        build = cls.folder / "build"
        for name in ("policies", "schemas"):
            shutil.copytree(ROOT / name, build / "checklist" / name)
        shutil.copytree(ADAPTER / "golive_fleet", build / "package" / "golive_fleet", ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(PARAMETERS, build / "parameters.json")
        shutil.copy(GOLIVE, build / "golive")
        (build / "golive.toml").write_text(f'[checklist]\ndigest = "{digest()}"\n')
        sc = cls.spark.sparkContext
        sc.addPyFile(shutil.make_archive(str(build / "golive_fleet"), "zip", build / "package"))
        sc.addArchive(shutil.make_archive(str(build / "checklist"), "gztar", build / "checklist") + "#checklist")
        for name in ("golive", "parameters.json", "golive.toml"):
            sc.addFile(str(build / name))

    def test_1_an_executor_is_killed_while_its_task_runs(self) -> None:
        sc, got = self.spark.sparkContext, []
        verdicts = evaluate(self.facts, "value", **self.given)
        self.assertGreaterEqual(verdicts.rdd.getNumPartitions(), 8)

        def run() -> None:
            sc.setJobGroup("killed", "an executor is killed")
            got.extend(verdicts.collect())

        job = threading.Thread(target=run)
        job.start()

        def caught() -> tuple[int, int] | None:
            """An executor whose golive worker has been stopped: its task cannot end."""
            for executor in executors(self.cluster.workers[0]):
                for pid in below(executor):
                    if read(pid, "comm") == b"golive\n" and kill(pid, signal.SIGSTOP, b"./golive\0worker\0"):
                        return executor, pid
            return None

        executor, stopped = wait("a worker at work", 120, caught, 0.002)
        # Also where an assertion fails: what is stopped does not end by itself.
        self.addCleanup(kill, stopped, signal.SIGKILL, b"./golive\0worker\0")
        others = [pid for pid in self.cluster.marked() if pid not in (executor, stopped)]
        self.assertEqual(foreign_listeners([executor, *others]), [])
        self.assertTrue(job.is_alive())
        self.assertTrue(kill(executor, signal.SIGKILL, b""))
        kill(stopped, signal.SIGKILL, b"./golive\0worker\0")
        job.join(180)
        self.assertFalse(job.is_alive(), "the job ends")
        same(self, [row["line"] for row in got], self.wanted)
        tracker = sc.statusTracker()
        stages = [stage for number in tracker.getJobIdsForGroup("killed") for stage in tracker.getJobInfo(number).stageIds]
        self.assertGreaterEqual(sum(tracker.getStageInfo(stage).numFailedTasks for stage in stages), 1, "a task was lost")
        self.assertTrue(executors(self.cluster.workers[0]), "the executor has a successor")
        self.assertNotIn(executor, executors(self.cluster.workers[0]))

    def test_2_columns_and_rows(self) -> None:
        document = documents()[0]
        rows = [(1, document), (2, None), (3, document.replace(",", ",\n", 1)), (4, document + "\n")]
        df = self.spark.createDataFrame(rows, "number int, facts string").repartition(1).sortWithinPartitions("number")
        got = evaluate(df, "facts", keep=["number"], **self.given).collect()
        self.assertEqual(got[0].__fields__, ["number", *MEMBERS, "line"])
        self.assertEqual([row.number for row in got], [1, 2, 3, 4])
        self.assertEqual([row.problem and row.problem.kind for row in got], [None, "refused", "refused", None])
        self.assertEqual(got[0].verdicts.keys(), got[3].verdicts.keys())
        self.assertEqual({row.checklist for row in got}, {digest()})
        with self.assertRaises(TypeError):
            evaluate(df, "number", **self.given)
        damaged = self.folder / "latin1.jsonl"
        damaged.write_bytes(document.encode().replace(b'"prod', b'"pr\xf6d', 1) + b"\n")
        got = evaluate(self.spark.read.text(str(damaged)), "value", **self.given).collect()
        self.assertEqual([row.problem.kind for row in got], ["refused"], "what is not UTF-8 is not repaired")

    def fails(self, words: str, **given: object) -> None:
        df = self.spark.createDataFrame([(document,) for document in documents()[:2]], "facts string")
        with self.assertRaisesRegex(PySparkException, words):
            evaluate(df, "facts", **self.given | given).collect()

    def test_3_a_worker_that_fails_or_says_too_little_fails_the_job(self) -> None:
        self.fails("exited with error code 4", expect_checklist="sha256:" + "0" * 64)
        self.fails("without an answer", golive="/bin/true")

    def test_4_a_look_at_the_first_rows_leaves_no_worker_behind(self) -> None:
        self.assertEqual(len(evaluate(self.facts, "value", **self.given).head(2)), 2)

        def ended() -> bool:
            return not [pid for root in self.cluster.workers for pid in below(root) if read(pid, "comm") == b"golive\n"]

        wait("the end of all workers", 20, ended)


if __name__ == "__main__":
    unittest.main()
