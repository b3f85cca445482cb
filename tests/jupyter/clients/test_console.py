"""`jupyter console` on a real terminal, with keys that somebody presses. Runs inside the Jupyter root folder."""
import os
import re
import time
import unittest

import pexpect

ESCAPES = re.compile(r"\x1b(\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)|[()][A-Z0-9]|[=>])")


class Console:
    """The program in a terminal of 100 by 40; what it says is gathered without colours and movements."""

    def __init__(self):
        environment = {**os.environ, "TERM": "xterm-256color", "PROMPT_TOOLKIT_NO_CPR": "1", "JUPYTER_PLATFORM_DIRS": "1"}
        self.terminal = pexpect.spawn(
            "jupyter", ["console", "--kernel", "kadali"], env=environment, encoding="utf-8", codec_errors="replace", dimensions=(40, 100))
        self.said = ""

    def wait_for(self, pattern, seconds=30):
        """Waits until the pattern is there, and forgets all up to its end."""
        until = time.monotonic() + seconds
        while not (found := re.search(pattern, ESCAPES.sub("", self.said), re.DOTALL)):
            try:
                self.said += self.terminal.read_nonblocking(65536, timeout=max(0.01, until - time.monotonic()))
            except (pexpect.TIMEOUT, pexpect.EOF):
                raise AssertionError(f"'{pattern}' did not come; there was: {ESCAPES.sub('', self.said)[-1500:]!r}") from None
        self.said = ESCAPES.sub("", self.said)[found.end():]
        return found

    def press(self, keys):
        self.terminal.send(keys)

    def close(self):
        self.terminal.close(force=True)


class OnATerminal(unittest.TestCase):
    def setUp(self):
        self.console = Console()
        self.addCleanup(self.console.close)
        self.console.wait_for(r"In \[1\]:")

    def test_runs_cells_and_shows_results(self):
        self.console.press("6 * 7\r")
        self.console.wait_for(r"Out\[1\]:\s*42")
        self.console.wait_for(r"In \[2\]:")
        # Where a query ends nobody can tell: an empty line runs it.
        self.console.press("#!sql\r")
        self.console.wait_for(r"\.\.\.:")
        self.console.press("SELECT 40 + 2 AS answer\r")
        self.console.wait_for(r"\.\.\.:")
        self.console.press("\r")
        self.console.wait_for(r"answer\s+─+\s+42")

    def test_begins_a_line_where_a_cell_is_not_complete(self):
        self.console.press("foreach (var i in new[] { 7, 8 }) {\r")
        self.console.wait_for(r"\.\.\.:")
        self.console.press('Console.WriteLine($"<{i}>"); }\r')
        self.console.wait_for(r"<7>\s+<8>")

    def test_completes_with_tab(self):
        self.console.press("1 + 1\r")
        self.console.wait_for(r"In \[2\]:")
        self.console.press("Console.WriteL\t")
        self.console.wait_for(r"WriteLine")
        self.console.press('("a" + "b")\r')
        self.console.wait_for(r"\sab\s")

    def test_is_interrupted_with_control_c_and_goes_on(self):
        self.console.press('var kept = 41; Console.WriteLine("spin" + "ning"); while (true) { }\r')
        self.console.wait_for(r"spinning")
        self.console.press("\x03")
        self.console.wait_for(r"Interrupted", seconds=10)
        self.console.wait_for(r"In \[\d+\]:")
        self.console.press("kept + 1\r")
        self.console.wait_for(r"42")

    def test_asks_for_a_line_and_for_a_password(self):
        self.console.press('$"Hello {await Kernel.GetInputAsync("Na" + "me?")}!"\r')
        self.console.wait_for(r"Name\?")
        self.console.press("Ada\r")
        self.console.wait_for(r"Hello Ada!")
        self.console.wait_for(r"In \[2\]:")
        self.console.press('(await Kernel.GetPasswordAsync("Se" + "cret?")).GetClearTextPassword().Length + 40\r')
        self.console.wait_for(r"Secret\?")
        self.console.press("xy\r")
        self.assertNotIn("xy", self.console.wait_for(r".*42").group())


if __name__ == "__main__":
    unittest.main()
