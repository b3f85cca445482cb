"""The benches: each one runs, and measures all that it prints. How fast things are is for a quiet machine and a reader to judge."""
import subprocess
import unittest

from kernel import ROOT


class Bench(unittest.TestCase):
    def test_the_kernel_is_measured_beside_ipykernel(self):
        table = self.bench("kernel")

        self.assertRegex(table, r"spawn to first C# result +[\d,.]+ ms +[\d,.]+ ms +[\d.]+x")
        self.assertRegex(table, r"lines lost +0 +0 ")
        self.assertNotIn("not measured", table)
        self.assertNotIn("failed:", table)

    def test_sql_is_measured_beside_duckdb(self):
        table = self.bench("sql")

        for figure in ("the first page", "as C# objects", "as a table", "shown as a table", "the same query again"):
            self.assertRegex(table, rf"{figure}.*?[\d,.]+ ms +[\d,.]+ ms +[\d.]+x")

    def test_commands_are_measured(self):
        self.assertRegex(self.bench("run"), r"quickstart.ipynb .*[\d,.]+ ms +[\d,.]+ ms +[\d.]+x")

    def test_a_bench_that_is_not_there_is_refused_with_the_list(self):
        done = subprocess.run([ROOT / "kadali", "bench", "kernl"], capture_output=True, text=True, timeout=60)

        self.assertEqual(2, done.returncode)
        self.assertIn("there is no bench 'kernl'", done.stderr)
        self.assertIn("  sql ", done.stderr)

    def bench(self, name):
        done = subprocess.run([ROOT / "kadali", "bench", name, "--quick"], capture_output=True, text=True, timeout=300)
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        return done.stdout


if __name__ == "__main__":
    unittest.main()
