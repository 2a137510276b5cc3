"""golive inside Dask: a bag, or a column of a dataframe, of facts documents to a bag of verdict lines."""

import subprocess
from collections.abc import Iterable
from typing import Any

from . import Ledger, WorkerError, command


def evaluate(
    data: Any, facts_column: str | None = None, *, golive: str, at: str, expect_checklist: str, **options: object
) -> Any:
    """One verdict line for each document, in their order: `data` is a bag of texts, or a dataframe with a column of them.

    `golive`, and the files that `options` name (`checklist`, `parameters`, `waivers`, …), are paths on the workers of
    Dask. A task fails where its worker fails, where the number of its lines differs, or where a verdict is of another
    document or checklist.
    """
    texts = data if facts_column is None else data[facts_column].to_bag()
    return texts.map_partitions(judge, command("dask", golive, at, expect_checklist, options), expect_checklist)


def judge(texts: Iterable[object], args: list[str], expect_checklist: str) -> list[str]:
    """The verdict lines of one partition."""
    ledger = Ledger(expect_checklist)
    sent = "".join(f"{text}\n" for text in ledger.sends((text,) for text in texts))
    done = subprocess.run(args, input=sent.encode("utf-8"), capture_output=True, env={}, check=False)
    if done.returncode:
        raise WorkerError(f"golive worker ended with exit code {done.returncode}: {done.stderr.decode(errors='replace')[-2000:]}")
    lines = done.stdout.decode("utf-8").split("\n")
    if lines.pop() != "":
        raise WorkerError("the last line of a worker is cut")
    return [row[-1] for row in ledger.hears(lines)]
