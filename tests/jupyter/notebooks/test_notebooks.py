"""Each notebook runs from top to bottom in the program, and what it says agrees with the known answers beside the data."""
import functools
import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
PROGRAM = os.environ.get("KADALI_PROGRAM", str(ROOT / ".kadali" / "bin" / "kadali"))
NOTEBOOKS = ROOT / "notebooks"
TRUTH = {name: answer["rows"] for name, answer in
         json.loads((NOTEBOOKS / "data" / "flights" / "ground-truth.json").read_text())["answers"].items()}


class Run:
    """A notebook that was run: its cells with outputs, and the report."""

    def __init__(self, path):
        with tempfile.TemporaryDirectory() as folder:
            output, report = pathlib.Path(folder, path.stem + ".ipynb"), pathlib.Path(folder, "report.json")
            done = subprocess.run([PROGRAM, "run", path, "-o", output, "--report", report, "--timeout", "120"],
                                  cwd=folder, capture_output=True, text=True, timeout=300, stdin=subprocess.DEVNULL)
            self.code, self.said = done.returncode, done.stdout + done.stderr
            cells = json.loads(output.read_text())["cells"] if output.exists() else []
            self.cells = [cell for cell in cells if cell["cell_type"] == "code"]
            self.report = json.loads(report.read_text()) if report.exists() else {}

    def output_of(self, part):
        """What the first cell says whose source has this part in it."""
        cell = next(cell for cell in self.cells if part in joined(cell["source"]))
        return "\n".join(joined(o.get("text") or o.get("data", {}).get("text/plain", "")) for o in cell["outputs"])

    def rows_of(self, part):
        """The rows of the table that a cell shows, as texts without thousands separators."""
        lines = self.output_of(part).splitlines()
        rule = next(i for i, line in enumerate(lines) if re.fullmatch("[─┼]+", line.strip()))
        return [[value.strip().replace(",", "") for value in line.split("│")] for line in lines[rule + 1:] if "│" in line]

    def mime_types_of(self, part):
        cell = next(cell for cell in self.cells if part in joined(cell["source"]))
        return {mime for output in cell["outputs"] for mime in output.get("data", {})}


def joined(text):
    return text if isinstance(text, str) else "".join(text)


@functools.cache
def run(path):
    return Run(path)


def ipykernel(_):
    """What a notebook with Python in it lacks here, or nothing."""
    for python in ("/usr/bin/python3", "python3"):
        try:
            if subprocess.run([python, "-c", "import ipykernel"], capture_output=True).returncode == 0:
                return None
        except FileNotFoundError:
            continue
    return "there is no ipykernel"


def packages(path):
    """Why the packages of a notebook can neither be fetched nor are on this machine, or nothing."""
    cells = [joined(cell["source"]) for cell in json.loads(path.read_text())["cells"] if cell["cell_type"] == "code"]
    lines = [line for cell in cells for line in cell.splitlines() if line.startswith('#r "nuget:')]
    done = subprocess.run([PROGRAM, "console"], input="\n".join(lines) + "\n", capture_output=True, text=True, timeout=300)
    return next((line for line in done.stdout.splitlines() if line.startswith(("KDL211", "KDL212", "KDL219"))), None)


# What a notebook needs that a machine may not have, by its name: a function of its path that says what is lacking, or nothing.
NEEDS = {"python": ipykernel, "packages": packages}


class EachNotebook(unittest.TestCase):
    """One test for each notebook that there is, made below."""

    def runs(self, path):
        lacking = NEEDS.get(path.stem, lambda _: None)(path)
        if lacking:
            self.skipTest(f"{path.name}: {lacking}")
        done = run(path)

        self.assertEqual(0, done.code, done.said[-4000:])
        self.assertEqual("ok", done.report["status"])
        self.assertTrue(any(cell["outputs"] for cell in done.cells), "it shows nothing")
        for cell in done.cells:
            self.assertNotIn("error", [output["output_type"] for output in cell["outputs"]])
            for output in cell["outputs"]:
                self.assertTrue("data" not in output or "text/plain" in output["data"],
                                f"no plain text beside {list(output.get('data', []))}")


def add_tests():
    for path in sorted([*NOTEBOOKS.rglob("*.ipynb"), *NOTEBOOKS.rglob("*.dib")]):
        if ".ipynb_checkpoints" not in path.parts:
            name = "test_" + re.sub(r"\W", "_", str(path.relative_to(NOTEBOOKS)))
            setattr(EachNotebook, name, lambda self, path=path: self.runs(path))


add_tests()


class Figures(unittest.TestCase):
    def test_quickstart_agrees_with_the_known_answers(self):
        done = run(NOTEBOOKS / "quickstart.ipynb")
        carriers = {int(row[1]): row for row in done.rows_of("--name carriers")}

        self.assertEqual(16, len(carriers))
        for _, flights, _, delay, worst in TRUTH["by_carrier"]:
            self.assertEqual([round(delay, 1), worst], [float(value) for value in carriers[flights][2:]])
        self.assertIn(f"{TRUTH['rows'][0][0]:,} flights", done.output_of("carriers.Sum"))
        months = done.rows_of("--name months")
        self.assertEqual([(m, sum(row[2] for row in TRUTH["by_origin_month"] if row[1] == m)) for m in range(1, 13)],
                         [(int(month), int(flights)) for month, flights, *_ in months])
        self.assertEqual({(origin, flights) for origin, flights, _ in TRUTH["join_weather_temp"]},
                         {(origin, int(flights)) for origin, flights, *_ in done.rows_of("AS dry")})
        self.assertIn("image/svg+xml", done.mime_types_of("--chart bar") | done.mime_types_of("Chart.Line"))

    def test_parameters_counts_the_flights_of_its_airport(self):
        flights = run(NOTEBOOKS / "parameters.ipynb").rows_of("count(*) AS flights")[0][0]

        self.assertEqual(sum(row[2] for row in TRUTH["by_origin_month"] if row[0] == "JFK"), int(flights))

    def test_csharp_computes(self):
        done = run(NOTEBOOKS / "csharp.ipynb")

        self.assertEqual("55", done.output_of("numbers.Sum()"))
        self.assertEqual([["Paris", "large"], ["Ghent", "small"], ["Rome", "large"]], done.rows_of("city.Size() })"))
        self.assertEqual("49", done.output_of("await SlowlyAsync(7)"))
        self.assertIn("done", done.output_of("display("))
        self.assertNotIn("working", done.output_of("display("))
        self.assertRegex(done.output_of("Progress("), r"counting █+ 100")

    def test_sql_computes(self):
        done = run(NOTEBOOKS / "sql.ipynb")

        self.assertEqual([("Ada", 42.5, 2)], [(who, float(amount), int(orders)) for who, amount, orders in done.rows_of("--name totals")])
        self.assertEqual(42.5, float(done.output_of("totals.Single")))
        self.assertEqual([["101", "10000"]], done.rows_of("CREATE TABLE squares"))
        self.assertEqual(["0", "1", "2"], [row[0] for row in done.rows_of("--limit 3")])
        self.assertIn("image/svg+xml", done.mime_types_of("--chart line"))

    def test_sql_nests_binds_and_explains(self):
        done = run(NOTEBOOKS / "sql.ipynb")

        tops = done.rows_of("busiest.SelectMany")
        self.assertEqual(["EWR", "EWR", "JFK", "JFK", "LGA", "LGA"], [origin for origin, _, _ in tops])
        known = dict(TRUTH["top10_dest"])
        for _, dest, flights in tops:
            self.assertLess(int(flights), known.get(dest, TRUTH["rows"][0][0]))
        carriers = {row[0]: row for row in TRUTH["by_carrier"]}
        self.assertEqual([[code, str(carriers[code][1])] for code in ("AA", "UA")], done.rows_of("IN :wanted"))
        self.assertEqual([["American", str(carriers["AA"][4])], ["United", str(carriers["UA"][4])]], done.rows_of("AS worst"))
        self.assertRegex(done.output_of("o.name, count(*)"), r"JOIN \(~[\d,]+ rows\)(.|\n)*├─ PARQUET_SCAN")
        self.assertIn(str(TRUTH["rows"][0][0]), done.output_of("#!sql SELECT count(*)").replace(",", ""))
        self.assertRegex(done.output_of("--history"), r"done(.|\n)*explained(.|\n)*done")

    def test_the_lakehouse_keeps_its_versions(self):
        done = run(NOTEBOOKS / "lakehouse.ipynb")
        of_month = {m: sum(row[2] for row in TRUTH["by_origin_month"] if row[1] == m) for m in range(1, 8)}
        july, half = of_month[7], sum(of_month[m] for m in range(1, 7))

        months = done.rows_of("count(arr_delay) AS arrived FROM flights GROUP")
        self.assertEqual([(m, of_month[m]) for m in range(1, 7)], [(int(month), int(flights)) for month, flights, _ in months])
        self.assertIn(f"{half:,} rows changed", done.output_of("CREATE TABLE flights"))
        self.assertIn(f"{july:,} rows changed", done.output_of("#!delta append"))
        (_, before), (_, now) = done.rows_of("'before' AS state")
        self.assertEqual(192, int(now) - int(before))
        self.assertIn("version 1 → 2: 192 changed", done.output_of("#!delta diff"))
        self.assertEqual({("update_preimage", "192"), ("update_postimage", "192")},
                         {(change, n) for change, n, _ in done.rows_of("table_changes")})
        jfk = sum(row[2] for row in TRUTH["by_origin_month"] if row[0] == "JFK" and row[1] <= 7)
        self.assertEqual(str(half + july - jfk), done.output_of("AS rows_left").split()[-1])
        self.assertEqual([[str(half + july), str(jfk)]], done.rows_of("AS rows_back"))
        self.assertEqual(["v4", "v3", "v2", "v1", "v0"],
                         [line.split()[0] for line in done.output_of("#!delta history").splitlines()])
        self.assertIn("whole", done.output_of("#!delta fsck"))
        self.assertTrue(all(distance.isdigit() for *_, distance in done.rows_of("ReadAsync<Route>")))

    def test_magics_share_values_and_time_cells(self):
        done = run(NOTEBOOKS / "magics.ipynb")

        self.assertEqual("2", done.output_of("#!set --name names"))
        self.assertIn("500500", done.output_of("#!time"))
        self.assertIn("#!sql", done.output_of("#!lsmagic"))

    def test_tables_and_charts_are_drawn(self):
        done = run(NOTEBOOKS / "tables-and-charts.ipynb")

        self.assertEqual(["20", "400", "4.47213595499958"], done.rows_of("Math.Sqrt")[19])
        for part in ("Chart.Bar", "Chart.Histogram"):
            self.assertIn("image/svg+xml", done.mime_types_of(part))

    def test_packages_are_used(self):
        if lacking := packages(NOTEBOOKS / "packages.ipynb"):
            self.skipTest(f"packages.ipynb: {lacking}")
        done = run(NOTEBOOKS / "packages.ipynb")

        self.assertEqual("The package is here", done.output_of("ThePackageIsHere").splitlines()[-1])
        self.assertEqual(["1", "one", "first", "I"], done.rows_of("ToRoman()")[0])
        self.assertIn("gestern", done.output_of("Humanizer.Core.de"))
        self.assertRegex(done.output_of("SqliteConnection"), r"SQLite 3\.\d+")
        self.assertRegex(done.output_of("Kilometres(new"), "Los Angeles: 3,9[67]\\d km")


if __name__ == "__main__":
    unittest.main()
