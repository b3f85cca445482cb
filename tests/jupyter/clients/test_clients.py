"""The programs that people run notebooks with: nbclient, nbconvert and papermill. Runs inside the Jupyter root folder."""
import json
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import nbformat
from nbclient import NotebookClient

NOTEBOOKS = pathlib.Path("/srv/notebooks")


def text_of(notebook):
    """All that the outputs of a notebook say in plain text."""
    return "\n".join(
        "".join(output.get("text", "") or output.get("data", {}).get("text/plain", ""))
        for cell in notebook["cells"] if cell["cell_type"] == "code" for output in cell["outputs"])


class Clients(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name) / "notebooks"
        shutil.copytree(NOTEBOOKS, self.folder)

    def shell(self, *words, **more):
        done = subprocess.run(words, cwd=self.folder, capture_output=True, text=True, timeout=240, **more)
        self.assertEqual(0, done.returncode, done.stdout[-2000:] + done.stderr[-4000:])
        return done.stdout + done.stderr

    def read(self, name):
        return json.loads((self.folder / name).read_text())

    def write(self, name, *sources):
        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(source) for source in sources],
            metadata={"kernelspec": {"name": "kadali", "display_name": "C# (Kadali)", "language": "C#"}})
        nbformat.write(notebook, self.folder / name)

    def test_nbclient_runs_quickstart(self):
        notebook = nbformat.read(self.folder / "quickstart.ipynb", as_version=4)
        NotebookClient(notebook, kernel_name="kadali", resources={"metadata": {"path": str(self.folder)}}, timeout=120).execute()

        self.assertIn("336,776", text_of(notebook))

    def test_nbclient_interrupts_a_cell_that_takes_too_long(self):
        self.write("slow.ipynb", "while (true) { }", "6 * 7")
        notebook = nbformat.read(self.folder / "slow.ipynb", as_version=4)
        NotebookClient(notebook, kernel_name="kadali", timeout=3, interrupt_on_timeout=True, allow_errors=True).execute()

        self.assertEqual("Interrupted", notebook.cells[0].outputs[-1].ename)
        self.assertEqual("42", text_of(notebook).splitlines()[-1])

    def test_nbconvert_runs_quickstart_and_writes_pages_of_its_outputs(self):
        self.shell("jupyter", "nbconvert", "--to", "notebook", "--execute", "--output", "done.ipynb", "quickstart.ipynb")
        self.shell("jupyter", "nbconvert", "--to", "html", "--output", "done.html", "done.ipynb")
        self.shell("jupyter", "nbconvert", "--to", "markdown", "--output", "done.md", "done.ipynb")
        page, text = (self.folder / "done.html").read_text(), (self.folder / "done.md").read_text()

        self.assertIn("336,776", text_of(self.read("done.ipynb")))
        self.assertIn("United Air Lines", page)
        self.assertRegex(page, "image/svg\\+xml|<svg|data:image/png")
        self.assertIn("United Air Lines", text)
        for image in re.findall(r"!\[[^]]*\]\(([^)]+)\)", text):
            self.assertGreater((self.folder / image).stat().st_size, 1000, image)
        self.assertRegex(text, r"!\[(svg|png)\]\(done_files/")

    def test_papermill_injects_parameters_and_keeps_the_time_of_each_cell(self):
        # Papermill writes C# for what it knows under this name.
        self.shell("papermill", "parameters.ipynb", "done.ipynb", "-k", "kadali", "--language", ".net-csharp", "--no-progress-bar",
                   "-p", "origin", "LGA", "-p", "minutes", "0")
        done = self.read("done.ipynb")
        injected = next(cell for cell in done["cells"] if "injected-parameters" in cell["metadata"].get("tags", []))

        self.assertIn('var origin = "LGA";', "".join(injected["source"]))
        self.assertIn("104662", text_of(done).replace(",", ""))
        for cell in done["cells"]:
            self.assertEqual("completed", cell["metadata"]["papermill"]["status"])
            self.assertGreater(cell["metadata"]["papermill"]["duration"], 0)

    def test_papermill_stops_at_the_first_failure_and_shows_it(self):
        self.write("fails.ipynb", "1 + 1", "var zero = 0;\n1 / zero", '"never"')
        done = subprocess.run(["papermill", "fails.ipynb", "done.ipynb", "-k", "kadali", "--no-progress-bar"],
                              cwd=self.folder, capture_output=True, text=True, timeout=120)
        cells = [cell for cell in self.read("done.ipynb")["cells"] if cell["cell_type"] == "code"]

        self.assertNotEqual(0, done.returncode)
        self.assertIn("DivideByZeroException", done.stderr)
        self.assertEqual(["completed", "failed", "pending"], [cell["metadata"]["papermill"]["status"] for cell in cells])
        self.assertIn("line 2: 1 / zero", "\n".join(cells[1]["outputs"][-1]["traceback"]))

    def test_no_kernel_outlives_its_client(self):
        self.shell("jupyter", "nbconvert", "--to", "notebook", "--execute", "--output", "done.ipynb", "parameters.ipynb")
        left = [p for p in pathlib.Path("/proc").glob("[0-9]*/cmdline") if self.is_kernel_of(p)]

        self.assertEqual([], left)

    def is_kernel_of(self, commandline):
        try:
            folder = (commandline.parent / "cwd").readlink()
            return b"/opt/kadali/kadali" in commandline.read_bytes() and str(self.folder) in str(folder)
        except OSError:
            return False


if __name__ == "__main__":
    unittest.main()
