"""golive inside Apache Spark (PySpark 4): a DataFrame of facts documents to one of verdicts."""

import shlex
from collections.abc import Sequence

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import StringType, StructType

from . import Ledger, command

# golive.verdict/1, and the line itself: its bytes are what a release record keeps.
VERDICT = (
    "format string, source string, sha256 string, environment string, release string, evaluated_at string, "
    "checklist string, decision string, waived array<string>, blocking array<string>, verdicts map<string, string>, "
    "findings map<string, array<string>>, problem struct<kind: string, code: string, message: string>, line string"
)


def evaluate(
    df: DataFrame, facts_column: str, *, golive: str, at: str, expect_checklist: str, keep: Sequence[str] = (), **options: object
) -> DataFrame:
    """One row of verdicts for each row of `df`, in the order of each partition, with the columns of `keep` before it.

    `golive`, and the files that `options` name (`checklist`, `parameters`, `waivers`, …), are paths on the executors:
    `./golive` is what `sc.addFile` has put there. A task fails where its worker fails, where the number of its lines
    differs, or where a verdict is of another document or checklist.
    """
    if not isinstance(df.schema[facts_column].dataType, StringType):
        raise TypeError(f"the column `{facts_column}` must hold one JSON text per row, as a string")
    # On its way to Python a text that is not UTF-8 would be repaired; null is refused.
    text = F.when(F.is_valid_utf8(facts_column), F.col(facts_column))
    rows = df.select(text.alias(facts_column), *keep)
    ledger = Ledger(expect_checklist)
    worker = shlex.join(command("spark", golive, at, expect_checklist, options))
    # All of this runs in one Python process per task, in which both methods share one ledger.
    told = rows.rdd.mapPartitions(ledger.sends).pipe(worker, checkCode=True).mapPartitions(ledger.hears)
    schema = StructType(rows.schema.fields[1:] + StructType.fromDDL(VERDICT).fields)
    return df.sparkSession.createDataFrame(told, schema)
