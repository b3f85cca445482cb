"""An interrupt ends whatever a cell does within a second, and leaves the session usable."""
import time
import unittest

from case import KernelCase


class Interrupting(KernelCase):
    def check(self, code, allow_stdin=False, working=False, ready=None):
        kernel = self.kernel
        self.assertEqual("ok", kernel.run("var kept = 42;").status)
        asked = kernel.begin('Console.WriteLine("started");\n' + code, allow_stdin=allow_stdin)
        kernel.printed(asked, "started")
        if ready:
            ready(asked)
        if working:
            began = kernel.cpu_seconds()
            while kernel.cpu_seconds() < began + 0.5:
                kernel.pump(0.05)

        pressed = time.monotonic()
        kernel.interrupt()
        run = kernel.end(asked, 20)
        took = time.monotonic() - pressed

        self.assertEqual(("error", "Interrupted"), (run.status, run.reply.get("ename")), run.reply)
        self.assertLess(took, 1.0)
        self.assertEqual("42", kernel.run("kept").result)

    def test_ends_a_busy_loop(self):
        self.check("while (true) { }", working=True)

    def test_ends_a_busy_loop_that_catches_everything(self):
        self.check("while (true) { try { while (true) { } } catch (Exception) { } }", working=True)

    def test_ends_the_showing_of_a_value(self):
        for code in (
            'async IAsyncEnumerable<int> Late() { Console.WriteLine("shown"); await Task.Delay(-1); yield return 1; }\nLate()',
            'IEnumerable<int> Late() { Console.WriteLine("shown"); Thread.Sleep(-1); yield return 1; }\nLate()',
            'IEnumerable<int> Late() { Console.WriteLine("shown"); while (true) { } yield return 1; }\nLate()',
        ):
            with self.subTest(code=code):
                self.check(code, ready=lambda asked: self.kernel.printed(asked, "shown"))

    def test_ends_lambdas_and_queries_that_the_framework_calls(self):
        for code in (
            "Enumerable.Range(0, int.MaxValue).Sum(x => (long)x % 7)",
            "(from x in Enumerable.Range(0, int.MaxValue) where x < 0 select x).Count()",
        ):
            with self.subTest(code):
                self.check(code, working=True)

                # Answered is not ended: nothing may go on behind the reader's back.
                seconds = []
                while len(seconds) < 5 and min(seconds, default=1) >= 0.1:
                    seconds.append(self.busy_for_a_second())
                self.assertLess(seconds[-1], 0.1, seconds)

    def busy_for_a_second(self):
        """Without the runtime's compiler, which may have work left for many seconds where the processor is busy."""
        kernel = self.kernel
        began, compiling, until = kernel.cpu_seconds(), kernel.compiling_seconds(), time.monotonic() + 1
        while time.monotonic() < until:
            kernel.pump(0.05)
        return kernel.cpu_seconds() - began - (kernel.compiling_seconds() - compiling)

    def test_ends_a_sleep(self):
        self.check("Thread.Sleep(600_000);")

    def test_ends_an_await(self):
        self.check("await Task.Delay(-1);")

    def test_ends_a_wait_for_a_task(self):
        self.check("Task.Delay(-1).Wait();")

    def test_ends_a_read_that_nobody_answers(self):
        kernel = self.kernel
        self.check("var line = Console.ReadLine();", allow_stdin=True,
                   ready=lambda asked: kernel.wait_for(asked, lambda c, _: c == "stdin"))

    def test_ends_a_question_that_nobody_answers(self):
        kernel = self.kernel
        self.check('var line = await Kernel.GetInputAsync("Name?");', allow_stdin=True,
                   ready=lambda asked: kernel.wait_for(asked, lambda c, _: c == "stdin"))

    def test_ends_running_sql(self):
        self.check(
            "#!sql\nSELECT count(*) FROM range(1000000000) a, range(1000000000) b WHERE (a.range * 7 + b.range) % 11 = 3", working=True)

    def test_ends_sql_over_a_sequence_that_never_yields(self):
        self.check(
            "IEnumerable<int> Stuck() { while (true) { } yield return 1; }\nvar stuck = Stuck();\n#!sql\nSELECT count(*) FROM stuck",
            working=True)

    def test_ends_a_cross_join_of_many_gigabytes(self):
        self.check(
            "#!sql\nCREATE OR REPLACE TEMP TABLE wide AS SELECT a.range x, b.range y FROM range(60000) a, range(60000) b ORDER BY y, x",
            working=True)

    def test_ends_a_cell_that_prints_without_end(self):
        kernel = self.kernel
        asked = kernel.begin('while (true) { Console.WriteLine(new string(\'x\', 200)); }')
        kernel.printed(asked, "x" * 200)

        pressed = time.monotonic()
        kernel.interrupt()
        kernel.wait_for(asked, lambda c, _: c == "shell", 20)
        took = time.monotonic() - pressed
        run = kernel.end(asked, 20)

        self.assertEqual("Interrupted", run.reply.get("ename"))
        self.assertLess(took, 1.0)
        self.assert_answers()

    def test_before_any_cell_runs_changes_nothing(self):
        self.kernel.ask("interrupt_request", {}, "control")

        self.assert_answers()

    def test_aborts_the_cells_that_wait(self):
        kernel = self.kernel
        running = kernel.begin('Console.WriteLine("started"); while (true) { }')
        kernel.printed(running, "started")
        waiting = kernel.begin("var never = 1;")

        kernel.interrupt()

        self.assertEqual("error", kernel.end(running).status)
        self.assertEqual("aborted", kernel.end(waiting).status)
        self.assert_answers()


if __name__ == "__main__":
    unittest.main()
