"""Each notebook runs from top to bottom in the program, and what it says agrees with the known answers beside the data."""
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
PROGRAM = os.environ.get("KADALI_PROGRAM", str(ROOT / ".kadali" / "bin" / "kadali"))
NOTEBOOKS = ROOT / "notebooks"
TRUTH = json.loads((NOTEBOOKS / "data" / "flights" / "ground-truth.json").read_text())["answers"]


class Notebooks(unittest.TestCase):
    def test_all_run_from_top_to_bottom(self):
        for path in sorted(NOTEBOOKS.rglob("*.ipynb")) + sorted(NOTEBOOKS.rglob("*.dib")):
            if ".ipynb_checkpoints" in path.parts:
                continue
            with self.subTest(path.name):
                done, report = self.run_notebook(path)

                self.assertEqual("ok", report["status"])
                self.assertTrue(all(o["output_type"] != "error" for c in done["cells"] for o in c.get("outputs", [])))

    def test_quickstart_agrees_with_the_known_answers(self):
        done, _ = self.run_notebook(NOTEBOOKS / "quickstart.ipynb")
        said = [self.text(cell) for cell in done["cells"] if cell["cell_type"] == "code"]
        carriers, sentence = said[0], said[1]

        self.assertIn(f"{TRUTH['rows']['rows'][0][0]:,} flights", sentence)
        for _, flights, _, delay, worst in TRUTH["by_carrier"]["rows"]:
            line = next(line for line in carriers.splitlines() if f" {flights} " in f" {line} ".replace(",", ""))
            numbers = [float(word.replace(",", "")) for word in line.replace("│", " ").split() if self.is_number(word)]
            self.assertEqual([flights, round(delay, 1), worst], numbers, line)
        months = next(text for text in said if text.lstrip().startswith("month"))
        for month in range(1, 13):
            flights = sum(row[2] for row in TRUTH["by_origin_month"]["rows"] if row[1] == month)
            self.assertRegex(months.replace(",", ""), rf"(?m)^\s*{month} │\s+{flights} │")

    def run_notebook(self, path):
        with tempfile.TemporaryDirectory() as folder:
            output, report = pathlib.Path(folder, path.stem + ".ipynb"), pathlib.Path(folder, "report.json")
            done = subprocess.run([PROGRAM, "run", path, "-o", output, "--report", report, "--timeout", "120"],
                                  cwd=folder, capture_output=True, text=True, timeout=300, stdin=subprocess.DEVNULL)
            self.assertEqual(0, done.returncode, done.stdout[-4000:] + done.stderr[-2000:])
            return json.loads(output.read_text()), json.loads(report.read_text())

    @staticmethod
    def text(cell):
        parts = [o.get("text") or o.get("data", {}).get("text/plain", "") for o in cell["outputs"]]
        return "\n".join(p if isinstance(p, str) else "".join(p) for p in parts)

    @staticmethod
    def is_number(word):
        return word.replace(",", "").replace(".", "").replace("-", "").isdigit()


if __name__ == "__main__":
    unittest.main()
