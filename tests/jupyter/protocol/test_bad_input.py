"""Nothing that arrives at the sockets and nothing that a cell does may hang the kernel or end it without a word."""
import json
import unittest

import zmq

from case import KernelCase
from kernel import Kernel

DELIMITER = b"<IDS|MSG>"


class OnTheWire(KernelCase):
    def frames(self, content, kind="execute_request", key=None):
        session = self.kernel.session
        message = session.msg(kind, content)
        body = [json.dumps(message[part], default=str).encode() for part in ("header", "parent_header", "metadata", "content")]
        return [DELIMITER, session.sign(body), *body]

    def execute(self, code):
        return self.frames({"code": code, "silent": False})

    def test_a_wrong_signature_runs_nothing(self):
        frames = self.execute('var intruder = "in";')
        frames[1] = b"0" * len(frames[1])
        self.kernel.send_frames(frames)

        self.assertEqual("error", self.kernel.run("intruder").status)

    def test_a_missing_signature_runs_nothing(self):
        frames = self.execute('var unsigned = "in";')
        frames[1] = b""
        self.kernel.send_frames(frames)

        self.assertEqual("error", self.kernel.run("unsigned").status)

    def test_garbage_frames(self):
        for channel in ("shell", "control", "stdin"):
            self.kernel.send_frames([b"\x00\xff\xfe" * 1000], channel)
            self.kernel.send_frames([b""] * 20, channel)
            self.kernel.send_frames([DELIMITER], channel)

        self.assert_answers()

    def test_half_messages(self):
        whole = self.execute("1+1")
        for count in range(1, len(whole)):
            self.kernel.send_frames(whole[:count])

        self.assert_answers()

    def test_invalid_utf8_in_a_signed_message(self):
        header = json.dumps(self.kernel.session.msg("execute_request")["header"], default=str).encode()
        body = [header, b"{}", b"{}", b'{"code": "\xff\xfe"}']
        self.kernel.send_frames([DELIMITER, self.kernel.session.sign(body), *body])

        self.assert_answers()

    def test_a_signed_message_that_is_not_json(self):
        body = [b"not json"] * 4
        self.kernel.send_frames([DELIMITER, self.kernel.session.sign(body), *body])

        self.assert_answers()

    def test_an_execute_request_without_code_gets_an_error(self):
        asked = self.kernel.send("execute_request", {"silent": False})

        self.assertEqual("error", self.kernel.wait_for(asked, lambda c, _: c == "shell")["content"]["status"])
        self.assert_answers()

    def test_a_cell_of_50_megabytes(self):
        run = self.kernel.run("// " + "x" * 50_000_000 + "\n6*7", timeout=120)

        self.assertEqual("42", run.result)
        self.assert_answers()

    def test_a_front_end_that_goes_away_in_the_middle_of_a_cell(self):
        kernel = self.kernel
        leaving = zmq.Context.instance().socket(zmq.DEALER)
        leaving.linger = 0
        leaving.connect(f"tcp://127.0.0.1:{kernel.connection['shell_port']}")
        asked = kernel.session.send(leaving, "execute_request", {
            "code": 'Console.WriteLine("started"); var spins = 0; var gate = 0; '
                    "while (Volatile.Read(ref gate) == 0 && spins < 300_000_000) { spins++; }",
            "silent": False, "allow_stdin": False})["header"]["msg_id"]
        kernel.printed(asked, "started")
        leaving.close()

        self.assert_answers()


class Ending(unittest.TestCase):
    def setUp(self):
        self.kernel = Kernel()
        self.addCleanup(self.kernel.close)

    def said(self, asked):
        """All that the reader sees and the log holds once the process has ended."""
        code = self.kernel.wait_ended()
        while self.kernel.pump(0.2):
            pass
        return code, str([m["content"] for _, m in self.kernel.by_parent.get(asked, [])]) + self.kernel.read_log()

    def test_environment_exit_says_why_and_keeps_the_output(self):
        asked = self.kernel.begin('Console.WriteLine("last words"); Environment.Exit(3);')
        code, said = self.said(asked)

        self.assertEqual(3, code)
        self.assertIn("last words", said)
        self.assertIn("ProcessExit", said)

    def test_recursion_without_end_is_an_error_of_the_cell(self):
        run = self.kernel.run("int Deep(int n) => n + Deep(n + 1);\nDeep(0)")

        self.assertIn("recursion is too deep", run.reply["evalue"])
        self.assertEqual("2", self.kernel.run("1+1").result)

    def test_a_stack_overflow_is_told_by_the_kernel_that_comes_next(self):
        asked = self.kernel.begin("Func<int, int> deep = null;\ndeep = n => 1 + deep(n + 1);\ndeep(0)")
        self.kernel.wait_ended()

        self.assertIn("Stack overflow", self.kernel.read_log())
        self.assert_told("while cell [1] ran: a stack overflow")

    def test_environment_fail_fast_is_told_by_the_kernel_that_comes_next(self):
        self.kernel.begin('Environment.FailFast("out of order");')
        self.kernel.wait_ended()

        # Its message follows on a line of its own, and comes along when the machine is not too busy.
        self.assert_told("Environment.FailFast")

    def test_a_kernel_that_was_killed_says_so_when_it_is_back(self):
        self.kernel.run("1+1")
        self.kernel.process.kill()
        self.kernel.wait_ended()

        self.assert_told("while no cell ran")

    def test_a_kernel_that_was_asked_to_end_says_nothing_when_it_is_back(self):
        self.kernel.ask("shutdown_request", {"restart": True}, "control")
        self.kernel.wait_ended()
        self.kernel.start_again()

        self.assertEqual("", self.kernel.run("1+1").stderr)

    def assert_told(self, reason):
        """As Jupyter does, starts the kernel again with its connection file: the first cell says why the last session ended."""
        self.kernel.start_again()
        first, second = self.kernel.run("1+1"), self.kernel.run("1+1")

        self.assertIn(reason, first.stderr)
        self.assertEqual(("2", ""), (first.result, second.stderr))

    def test_what_child_processes_and_native_code_write_is_shown_in_the_cell(self):
        run = self.kernel.run(
            'System.Diagnostics.Process.Start("sh", ["-c", "echo from a child; echo and its trouble >&2"]).WaitForExit();')

        self.assertIn("from a child\n", run.stdout)
        self.assertIn("and its trouble\n", run.stderr)

    def test_a_child_process_that_reads_gets_an_end(self):
        run = self.kernel.run('System.Diagnostics.Process.Start("cat").WaitForExit(); Console.OpenStandardInput().ReadByte()')

        self.assertEqual("-1", run.result)

    def test_an_exception_on_a_thread_of_the_cell_is_shown_and_survived(self):
        asked = self.kernel.begin('var t = new Thread(() => throw new InvalidOperationException("from afar")); t.Start(); t.Join();')
        self.kernel.printed(asked, "in a lambda: var t = new Thread(")

        self.assertNotIn("KadaliCell", self.kernel.end(asked).stderr)

        self.assertEqual("2", self.kernel.run("1+1").result)

    def test_out_of_memory_is_an_error_of_the_cell(self):
        with Kernel(env={"DOTNET_GCHeapHardLimit": "0x18000000"}) as kernel:
            for fill in ("new byte[10_000_000]", "new int[4]"):
                run = kernel.run(f"var all = new List<object>(); while (true) {{ all.Add({fill}); }}", timeout=120)

                self.assertEqual("OutOfMemoryException", run.reply.get("ename", "").rpartition(".")[2], run.reply)
                self.assertIn("384 MiB", run.reply["evalue"])
                self.assertEqual("2", kernel.run("all = null!; GC.Collect(); 1+1").result)


if __name__ == "__main__":
    unittest.main()
