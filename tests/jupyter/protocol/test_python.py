"""Python cells, on the kernel that ours attaches."""
import os
import pathlib
import subprocess
import time
import unittest

from case import KernelCase


def has_ipykernel():
    return subprocess.run(["/usr/bin/python3", "-c", "import ipykernel"], capture_output=True).returncode == 0


def is_alive(process):
    try:
        return pathlib.Path("/proc", str(process), "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@unittest.skipUnless(pathlib.Path("/proc").exists() and os.path.exists("/usr/bin/python3") and has_ipykernel(), "there is no ipykernel")
class PythonCells(KernelCase):
    def process(self):
        return int(self.kernel.run("#!python\nimport os\nos.getpid()").result)

    def ends(self, process):
        until = time.monotonic() + 10
        while is_alive(process) and time.monotonic() < until:
            time.sleep(0.05)
        self.assertFalse(is_alive(process), "the Python kernel outlives ours")

    def test_python_dies_with_a_kernel_that_is_killed(self):
        process = self.process()
        self.assertTrue(is_alive(process))

        self.kernel.process.kill()

        self.ends(process)

    def test_python_ends_with_a_kernel_that_is_shut_down(self):
        process = self.process()

        self.kernel.ask("shutdown_request", {"restart": False}, "control")
        self.kernel.wait_ended()

        self.ends(process)

    def test_one_interrupt_ends_a_python_cell_within_a_second(self):
        kernel = self.kernel
        kernel.run("#!python\nkept = 42")
        asked = kernel.begin("#!python\nprint('started', flush=True)\nimport time\nwhile True: time.sleep(1)")
        kernel.printed(asked, "started")

        pressed = time.monotonic()
        kernel.interrupt()
        run = kernel.end(asked, 20)

        self.assertLess(time.monotonic() - pressed, 1.0)
        self.assertEqual("error", run.status)
        self.assertEqual("42", kernel.run("#!python\nkept").result)
        self.assert_answers()


if __name__ == "__main__":
    unittest.main()
