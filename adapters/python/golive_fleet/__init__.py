"""Verdicts for a fleet of facts documents: `golive worker` inside other people's engines (docs/cluster.md)."""

import hashlib
import json
from collections import deque
from collections.abc import Iterable, Iterator

# The members of golive.verdict/1, in their order.
MEMBERS = (
    "format", "source", "sha256", "environment", "release", "evaluated_at", "checklist", "decision",
    "waived", "blocking", "verdicts", "findings", "problem",
)  # fmt: skip
OPTIONS = ("config", "checklist", "parameters", "waivers", "remediations", "environment", "release", "memory", "sample")


class WorkerError(RuntimeError):
    """What came back from a worker does not belong to what it was sent: none of it can be believed."""


def command(engine: str, golive: str, at: str, expect_checklist: str, options: dict[str, object]) -> list[str]:
    """The argument list of a worker, the same for all workers of a run."""
    if unknown := sorted(set(options) - set(OPTIONS)):
        raise TypeError(f"golive worker has no option {', '.join(unknown)}; it has {', '.join(OPTIONS)}")
    args = [golive, "worker", "--quiet", f"--at={at}", f"--expect-checklist={expect_checklist}", f"--source-prefix={engine}"]
    return args + [f"--{name}={value}" for name, value in options.items() if value is not None]


def line(text: object) -> str:
    """What is sent for a row: its text as it is, or what the worker is sure to refuse. Nothing is repaired."""
    if not isinstance(text, str):
        return ""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return ""
    # NUL stands nowhere in JSON: a text of several lines stays one row, and is refused.
    return text.rstrip("\r\n").replace("\n", "\0")


class Ledger:
    """What was sent to one worker and is not yet answered. Every answer is held against the row that it is for."""

    def __init__(self, expect_checklist: str) -> None:
        self.checklist = expect_checklist
        self.waiting: deque[tuple[str, tuple]] = deque()
        self.ended = False
        self.error: Exception | None = None

    def sends(self, rows: Iterable[tuple]) -> Iterator[str]:
        """Rows (the text, then what is kept) to lines."""
        try:
            for facts, *kept in rows:
                text = line(facts)
                self.waiting.append((hashlib.sha256(text.encode("utf-8")).hexdigest(), tuple(kept)))
                yield text
            self.ended = True
        except Exception as error:
            # Spark's `pipe` reads this in a thread of its own: what is raised there is lost, and the task hangs.
            self.error = error

    def hears(self, lines: Iterable[str]) -> Iterator[tuple]:
        """Verdict lines to rows: what is kept, the members, the line."""
        for text in lines:
            if not self.waiting:
                raise WorkerError("a worker wrote more lines than it was sent")
            digest, kept = self.waiting.popleft()
            yield *kept, *self._read(text, digest), text
        if self.error is not None:
            raise self.error
        if self.waiting or not self.ended:
            raise WorkerError(f"a worker ended without an answer to all lines: {len(self.waiting)} or more are missing")

    def _read(self, text: str, digest: str) -> tuple:
        verdict = json.loads(text)
        if not isinstance(verdict, dict) or tuple(verdict) != MEMBERS or verdict["format"] != "golive.verdict/1":
            raise WorkerError(f"a worker wrote what is no golive.verdict/1: {text[:200]!r}")
        if verdict["checklist"] != self.checklist:
            raise WorkerError(f"a verdict is of checklist {verdict['checklist']}, wanted is {self.checklist}")
        unread = verdict["sha256"] is None and verdict["decision"] is None and verdict["problem"] is not None
        if verdict["sha256"] != digest and not unread:
            raise WorkerError(f"{verdict['source']} is the verdict of another document: {verdict['sha256']}, sent was {digest}")
        return tuple(verdict.values())
