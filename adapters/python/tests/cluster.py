"""A standalone Spark on loopback, and what the test has to know of its processes. All are ended by their ids."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pyspark

HOME = Path(pyspark.__file__).parent
MARK = "GOLIVE_FLEET_TEST"


def wait(what: str, seconds: float, ready: Callable[[], object], pause: float = 0.1) -> object:
    end = time.monotonic() + seconds
    while not (found := ready()):
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not within {seconds} s")
        time.sleep(pause)
    return found


def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def answers(number: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", number)) == 0


def processes() -> Iterator[int]:
    return (int(entry) for entry in os.listdir("/proc") if entry.isdigit())


def read(pid: int, name: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except OSError:
        return b""


def below(root: int) -> list[int]:
    """The processes that descend from one."""
    parents = {pid: int(stat.rpartition(b")")[2].split()[1]) for pid in processes() if (stat := read(pid, "stat"))}
    found = [root]
    for pid in found:
        found += [child for child, parent in parents.items() if parent == pid]
    return found[1:]


def executors(worker: int) -> list[int]:
    return [pid for pid in below(worker) if b"CoarseGrainedExecutorBackend" in read(pid, "cmdline") and read(pid, "comm") == b"java\n"]


def kill(pid: int, number: int, name: bytes) -> bool:
    """A signal to the very process that has this name."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return False
    try:
        if not read(pid, "cmdline").startswith(name):
            return False
        signal.pidfd_send_signal(handle, number)
    except ProcessLookupError:
        return False
    finally:
        os.close(handle)
    return True


def foreign_listeners(pids: list[int]) -> list[str]:
    """The addresses beside loopback on which one of the processes listens."""
    sockets = set()
    for pid in pids:
        try:
            sockets |= {os.readlink(entry.path) for entry in os.scandir(f"/proc/{pid}/fd")}
        except OSError:
            continue
    rows = [line.split() for table in ("tcp", "tcp6") for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]]
    listening = {row[1] for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in sockets}
    if not listening:
        raise AssertionError("no process listens: the look at them is broken")
    loopback = ("0100007F", "0" * 24 + "01000000")
    return sorted(address for address in listening if not address.partition(":")[0].endswith(loopback))


class Cluster:
    """One master, two workers of one core each."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.started: list[subprocess.Popen] = []
        for name in ("conf", "tmp"):
            (folder / name).mkdir()
        # For machines that live for a minute: what a compiler gains comes too late for them. One that is killed leaves its files.
        self.java = f"-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:-UsePerfData -Djava.io.tmpdir={folder / 'tmp'}"
        # This process starts the driver's JVM: it gets the same surroundings.
        for name in [name for name in os.environ if name.startswith(("SPARK_", "PYSPARK_"))]:
            del os.environ[name]
        os.environ |= {
            MARK: str(folder), "SPARK_HOME": str(HOME), "SPARK_CONF_DIR": str(folder / "conf"), "SPARK_LOCAL_IP": "127.0.0.1",
            "SPARK_DAEMON_MEMORY": "256m", "SPARK_DAEMON_JAVA_OPTS": self.java, "PYSPARK_PYTHON": sys.executable,
        }  # fmt: skip
        number = port()
        self.url = f"spark://127.0.0.1:{number}"
        self.start("master.Master", "--host", "127.0.0.1", "--port", str(number), "--webui-port", "0")
        wait("the master", 60, lambda: answers(number))
        common = ("--host", "127.0.0.1", "--webui-port", "0", "--cores", "1", "--memory", "600m")
        self.workers = [self.start("worker.Worker", *common, "--work-dir", str(folder / f"work{n}"), self.url) for n in (1, 2)]

    def start(self, name: str, *args: str) -> int:
        log = (self.folder / f"log{len(self.started)}").open("wb")
        line = [str(HOME / "bin" / "spark-class"), f"org.apache.spark.deploy.{name}", *args]
        self.started.append(subprocess.Popen(line, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT))
        log.close()
        return self.started[-1].pid

    def marked(self) -> list[int]:
        """Whatever has been started for this test and still runs, except this process."""
        mark = f"{MARK}={self.folder}".encode()
        return [pid for pid in processes() if pid != os.getpid() and mark in read(pid, "environ").split(b"\0")]

    def end(self) -> list[int]:
        """Ends all that was started, and says which processes had to be killed."""
        for process in reversed(self.started):
            process.terminate()
        for process in self.started:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        try:
            wait("the end of all processes", 20, lambda: not self.marked())
        except TimeoutError:
            pass
        left = self.marked()
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        return left
