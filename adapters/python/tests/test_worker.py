"""The contract of `golive worker`, and how the adapters hold its answers against what was sent. No engine is needed."""

import json
import os
import signal
import subprocess
import tempfile
import unittest
from pathlib import Path

from support import AT, GOLIVE, PARAMETERS, broken, digest, documents, local, same, split

from golive_fleet import MEMBERS, Ledger, WorkerError, command, line


def worker(lines: list[str], **options: object) -> tuple[int, list[str]]:
    args = command("test", GOLIVE, AT, digest(), {"parameters": PARAMETERS} | options)
    sent = "".join(f"{line}\n" for line in lines).encode("utf-8")
    done = subprocess.run(args, input=sent, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}, check=False)
    return done.returncode, split(done.stdout)


class Worker(unittest.TestCase):
    def test_lines_in_are_lines_out_in_their_order_and_those_of_the_local_batch(self) -> None:
        some = documents()[:200]
        lines = some[:100] + broken(some[0]) + some[100:]
        code, got = worker(lines)
        self.assertEqual(code, 0, "all lines were answered")
        self.assertEqual([json.loads(line)["source"] for line in got], [f"test:{n + 1}" for n in range(len(lines))])
        with tempfile.TemporaryDirectory() as folder:
            same(self, got, local(Path(folder), lines))
        decisions = [json.loads(line)["decision"] for line in got]
        self.assertIn("GO", decisions)
        self.assertIn("NO_GO", decisions)
        self.assertEqual(decisions.count(None), len(broken(some[0])))
        self.assertEqual(tuple(json.loads(got[0])), MEMBERS)

    def test_a_path_is_not_followed(self) -> None:
        code, got = worker(['"/etc/passwd"'])
        self.assertEqual((code, json.loads(got[0])["problem"]["code"]), (0, "golive::batch::path"))

    def test_nothing_in_is_nothing_out(self) -> None:
        self.assertEqual(worker([]), (0, []))

    def test_exit_codes(self) -> None:
        one = documents()[:1]
        self.assertEqual(worker(one, checklist="/nowhere"), (4, []), "no checklist")
        self.assertEqual(worker(one, parameters="/nowhere"), (3, []), "no parameters")
        wrong = command("test", GOLIVE, AT, "sha256:" + "0" * 64, {})
        self.assertEqual(subprocess.run(wrong, input=b"", capture_output=True, env={}, check=False).returncode, 4, "another checklist")
        usage = command("test", GOLIVE, "yesterday", digest(), {})
        self.assertEqual(subprocess.run(usage, input=b"", capture_output=True, env={}, check=False).returncode, 2, "no time")
        with self.assertRaises(TypeError):
            command("test", GOLIVE, AT, digest(), {"unsafe": True})

    def test_a_killed_worker_is_no_success(self) -> None:
        args = command("test", GOLIVE, AT, digest(), {"parameters": PARAMETERS})
        with subprocess.Popen(args, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={}) as process:
            process.stdin.write(documents()[0].encode("utf-8") + b"\n")
            process.stdin.flush()
            self.assertTrue(process.stdout.readline().endswith(b"}\n"), "a line is answered while the input stays open")
            os.kill(process.pid, signal.SIGKILL)
            self.assertEqual(process.wait(), -signal.SIGKILL)


class Rows(unittest.TestCase):
    def test_a_row_is_sent_as_it_is_or_is_refused(self) -> None:
        document = documents()[0]
        self.assertEqual(line(document), document)
        self.assertEqual(line(document + "\r\n"), document, "the end of a line is no part of it")
        spaced = json.dumps(json.loads(document), indent=1)
        inside = document.replace('"prod', '"pr\nod', 1)
        rows = [None, float("nan"), b"{}", "", "\ud800", spaced, inside, "\n" + document]
        sent = [line(row) for row in rows]
        self.assertFalse([text for text in sent if "\n" in text])
        code, got = worker([*sent, spaced.replace("\n", "\t"), inside.replace("\n", "\t")])
        self.assertEqual((code, len(got)), (0, len(rows) + 2))
        problems = [json.loads(line)["problem"] for line in got]
        codes = [problem and problem["code"] for problem in problems]
        self.assertEqual(codes[: len(rows)], ["golive::json::empty"] * 5 + ["golive::json::syntax"] * 3)
        # What docs/cluster.md says of tabs: the same JSON outside of strings, refused inside.
        self.assertEqual(codes[len(rows) :], [None, "golive::json::syntax"])


class Answers(unittest.TestCase):
    def setUp(self) -> None:
        self.sent = documents()[:3]
        _, self.got = worker(self.sent)
        self.ledger = Ledger(digest())

    def hears(self, lines: list[str]) -> list[tuple]:
        self.assertEqual([*self.ledger.sends((text, n) for n, text in enumerate(self.sent))], self.sent)
        return [*self.ledger.hears(lines)]

    def test_answers_in_their_order_are_believed(self) -> None:
        rows = self.hears(self.got)
        self.assertEqual([(row[0], row[-1]) for row in rows], [*enumerate(self.got)])

    def test_others_are_not(self) -> None:
        one, two, three = self.got
        for lines in ([one, two], [], [one, two, three, three], [two, one, three], [one, one, three], [one, "{}", three], [one, "[]", three],
                      [one, two.replace('sha256:', 'sha256:0', 1), three], [one, two.replace("verdict/1", "verdict/2"), three]):
            with self.subTest(lines=len(lines)), self.assertRaises(WorkerError):
                self.ledger = Ledger(digest())
                self.hears(lines)

    def test_an_end_before_all_rows_were_drawn_is_seen(self) -> None:
        sends = self.ledger.sends((text,) for text in self.sent)
        next(sends)
        with self.assertRaises(WorkerError):
            [*self.ledger.hears(self.got[:1])]

    def test_an_error_of_the_rows_is_raised_where_it_is_heard(self) -> None:
        def rows():
            yield (self.sent[0],)
            raise OSError("the lake is dry")

        self.assertEqual([*self.ledger.sends(rows())], self.sent[:1])
        with self.assertRaisesRegex(OSError, "dry"):
            [*self.ledger.hears(self.got[:1])]


if __name__ == "__main__":
    unittest.main()
