"""The programs that people run notebooks with: nbclient, nbconvert, papermill and jupyter console. Runs inside the Jupyter root folder."""
import json
import pathlib
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

    def test_nbclient_runs_quickstart(self):
        notebook = nbformat.read(self.folder / "quickstart.ipynb", as_version=4)
        NotebookClient(notebook, kernel_name="kadali", resources={"metadata": {"path": str(self.folder)}}, timeout=120).execute()

        self.assertIn("336,776", text_of(notebook))

    def test_nbconvert_runs_quickstart_and_writes_a_page_of_its_outputs(self):
        self.shell("jupyter", "nbconvert", "--to", "notebook", "--execute", "--output", "done.ipynb", "quickstart.ipynb")
        self.shell("jupyter", "nbconvert", "--to", "html", "--output", "done.html", "done.ipynb")
        page = (self.folder / "done.html").read_text()

        self.assertIn("336,776", text_of(self.read("done.ipynb")))
        self.assertIn("United Air Lines", page)
        self.assertRegex(page, "image/svg\\+xml|<svg|data:image/png")

    def test_papermill_runs_quickstart(self):
        self.shell("papermill", "quickstart.ipynb", "done.ipynb", "-k", "kadali", "--no-progress-bar")

        self.assertIn("336,776", text_of(self.read("done.ipynb")))

    def test_jupyter_console_runs_cells_that_are_typed(self):
        said = self.shell("jupyter", "console", "--simple-prompt", "--kernel", "kadali", input="var x = 6;\nx * 7\n#!sql SELECT 40 + 2 AS answer\nexit\n")

        self.assertIn("42", said)

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
