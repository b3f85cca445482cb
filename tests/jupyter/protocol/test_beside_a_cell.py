"""Whatever is asked while a cell runs is answered at once."""
import time
import unittest

from case import KernelCase


class BesideARunningCell(KernelCase):
    def setUp(self):
        self.kernel.run("var answer = 42;")
        self.running = self.kernel.begin('Console.WriteLine("started"); while (true) { }')
        self.kernel.printed(self.running, "started")

    def tearDown(self):
        self.kernel.interrupt()
        self.kernel.end(self.running)

    def ask(self, kind, content, channel="shell"):
        began = time.monotonic()
        reply = self.kernel.ask(kind, content, channel, timeout=10)
        self.assertLess(time.monotonic() - began, 2.0)
        self.assertNotIn("shell", [c for c, _ in self.kernel.by_parent.get(self.running, [])], "the cell is no longer running")
        return reply

    def test_completion(self):
        reply = self.ask("complete_request", {"code": "answer.ToStr", "cursor_pos": 12})

        self.assertIn("ToString", reply["matches"])

    def test_inspection(self):
        reply = self.ask("inspect_request", {"code": "Console.WriteLine", "cursor_pos": 12, "detail_level": 0})

        self.assertTrue(reply["found"])

    def test_completeness(self):
        self.assertEqual("incomplete", self.ask("is_complete_request", {"code": "class A {"})["status"])

    def test_kernel_info_on_shell_and_on_control(self):
        self.assertEqual("kadali", self.ask("kernel_info_request", {})["implementation"])
        self.assertEqual("kadali", self.ask("kernel_info_request", {}, "control")["implementation"])

    def test_comm_info(self):
        self.assertEqual("ok", self.ask("comm_info_request", {})["status"])

    def test_history(self):
        reply = self.ask("history_request", {"hist_access_type": "tail", "n": 5, "output": False, "raw": True})

        self.assertEqual("ok", reply["status"])

    def test_a_shutdown_ends_the_process(self):
        kernel = self.kernel
        reply = kernel.ask("shutdown_request", {"restart": False}, "control", timeout=5)

        self.assertEqual("ok", reply["status"])
        self.assertEqual(0, kernel.wait_ended(5))
        self.tearDown = lambda: None


if __name__ == "__main__":
    unittest.main()
