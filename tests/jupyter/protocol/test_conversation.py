"""Questions to the reader, history, outputs that change, and the requests that are refused."""
import unittest

from case import KernelCase
from kernel import Kernel


class AskingTheReader(KernelCase):
    def test_a_line_read_from_the_console(self):
        asked = self.kernel.begin('Console.Write("Hello " + Console.ReadLine());', allow_stdin=True)
        question = self.kernel.answer(asked, "Ada")
        run = self.kernel.end(asked)

        self.assertFalse(question["password"])
        self.assertEqual("Hello Ada", run.stdout)

    def test_a_question_with_its_prompt(self):
        asked = self.kernel.begin('var name = await Kernel.GetInputAsync("Your name?");\nname', allow_stdin=True)
        question = self.kernel.answer(asked, "Ada")
        run = self.kernel.end(asked)

        self.assertEqual("Your name?", question["prompt"])
        self.assertEqual("Ada", run.result)

    def test_a_password_is_asked_as_one_and_not_shown(self):
        asked = self.kernel.begin('var secret = await Kernel.GetPasswordAsync("Key?");\nsecret', allow_stdin=True)
        question = self.kernel.answer(asked, "swordfish")
        run = self.kernel.end(asked)

        self.assertTrue(question["password"])
        self.assertEqual("ok", run.status)
        self.assertNotIn("swordfish", str(run.messages))

    def test_a_front_end_that_cannot_ask_gets_an_error(self):
        run = self.kernel.run("var line = Console.ReadLine();", allow_stdin=False)

        self.assertEqual("error", run.status)
        self.assert_answers()

    def test_several_lines_in_one_cell(self):
        asked = self.kernel.begin("var a = Console.ReadLine();\nvar b = Console.ReadLine();\na + b", allow_stdin=True)
        self.kernel.answer(asked, "1")
        self.kernel.answer(asked, "2")

        self.assertEqual("12", self.kernel.end(asked).result)


    def test_a_late_answer_to_a_cell_that_was_interrupted_answers_no_other_question(self):
        kernel = self.kernel
        first = kernel.begin('await Kernel.GetInputAsync("first")', allow_stdin=True)
        asked_first = kernel.wait_for(first, lambda c, _: c == "stdin")
        kernel.interrupt()
        kernel.end(first)
        second = kernel.begin('await Kernel.GetInputAsync("second")', allow_stdin=True)
        kernel.wait_for(second, lambda c, _: c == "stdin")
        kernel.session.send(kernel.sockets["stdin"], "input_reply", {"status": "ok", "value": "late"}, parent=asked_first)
        kernel.answer(second, "in time")

        self.assertEqual("in time", kernel.end(second).result)


class Showing(KernelCase):
    def test_what_a_task_says_after_its_cell_belongs_to_that_cell(self):
        kernel = self.kernel
        first = kernel.begin(
            'var go = new TaskCompletionSource(); '
            'var late = Task.Run(async () => { await go.Task; Console.Write("late"); });')
        reply = kernel.wait_for(first, lambda c, _: c == "shell")
        second = kernel.run("go.SetResult(); await late;")
        said = kernel.wait_for(first, lambda c, m: m["msg_type"] == "stream")

        self.assertEqual("ok", reply["content"]["status"])
        self.assertEqual(("late", ""), (said["content"]["text"], second.stdout))

    def test_100_000_lines_come_whole_and_in_order(self):
        run = self.kernel.run("for (var i = 0; i < 100_000; i++) { Console.WriteLine(i); }")

        self.assertEqual("".join(f"{i}\n" for i in range(100_000)), run.stdout)

    def test_output_and_errors_keep_their_order(self):
        run = self.kernel.run('Console.Write("a"); Console.Error.Write("b"); Console.Write("c");')

        self.assertEqual([("stdout", "a"), ("stderr", "b"), ("stdout", "c")], [(c["name"], c["text"]) for c in run.contents("stream")])

    def test_a_display_is_updated_under_its_id(self):
        run = self.kernel.run('var shown = display("before"); shown.Update("after");')
        shown, updated = run.contents("display_data")[0], run.contents("update_display_data")[0]

        self.assertIn("before", str(shown["data"]))
        self.assertIn("after", str(updated["data"]))
        self.assertEqual(shown["transient"]["display_id"], updated["transient"]["display_id"])

    def test_a_display_is_updated_from_a_later_cell(self):
        first = self.kernel.run('var later = display("before");').contents("display_data")[0]
        updated = self.kernel.run('later.Update("after");').contents("update_display_data")[0]

        self.assertEqual(first["transient"]["display_id"], updated["transient"]["display_id"])

    def test_outputs_are_cleared(self):
        self.assertEqual(1, len(self.kernel.run("Kernel.ClearOutput();").contents("clear_output")))

    def test_an_error_points_into_the_cell_and_not_at_the_kernel(self):
        run = self.kernel.run('int Half(int n) => n / (n - n);\nHalf(7)')
        trace = "\n".join(run.error["traceback"])

        self.assertEqual("DivideByZeroException", run.error["ename"].rpartition(".")[2])
        self.assertIn("Half", trace)
        self.assertIn("line 1", trace)
        self.assertNotIn("Kadali", trace)
        self.assertEqual(run.error["traceback"], run.reply["traceback"])

    def test_state_lives_on_after_an_error(self):
        self.kernel.run("var before = 1;")
        self.kernel.run('throw new Exception("boom");')

        self.assertEqual("1", self.kernel.run("before").result)


class History(KernelCase):
    def test_is_found_by_tail_range_and_pattern(self):
        for i in (1, 2, 3):
            self.kernel.run(f"var remembered{i} = {i};")

        def find(**content):
            reply = self.kernel.ask("history_request", {"output": False, "raw": True, **content})
            return [line[2] for line in reply["history"]]

        self.assertEqual(["var remembered2 = 2;", "var remembered3 = 3;"], find(hist_access_type="tail", n=2))
        self.assertIn("var remembered1 = 1;", find(hist_access_type="range", session=0, start=1, stop=10))
        self.assertEqual(["var remembered2 = 2;"], find(hist_access_type="search", pattern="*remembered2*", n=10))

    def test_a_silent_cell_leaves_no_trace(self):
        count = self.kernel.run("1+1").reply["execution_count"]
        self.kernel.run("var quiet = 1;", silent=True, store_history=False)

        self.assertEqual(count + 1, self.kernel.run("1+1").reply["execution_count"])

    def test_outlives_the_kernel(self):
        with Kernel() as first:
            first.run('var earlier = "kernel";')
            first.send("shutdown_request", {"restart": False}, "control")
            first.wait_ended()
            with Kernel(env={k: first.env[k] for k in ("HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")}) as second:
                reply = second.ask("history_request", {"hist_access_type": "tail", "n": 10, "output": False, "raw": True})

        self.assertIn('var earlier = "kernel";', [line[2] for line in reply["history"]])


class Refusing(KernelCase):
    def test_subshells(self):
        self.assertEqual("error", self.kernel.ask("create_subshell_request", {}, "control")["status"])
        self.assertNotIn("kernel subshells", self.kernel.ask("kernel_info_request", {}).get("supported_features", []))

    def test_the_debugger(self):
        reply = self.kernel.ask("debug_request", {"type": "request", "seq": 1, "command": "initialize", "arguments": {}}, "control")

        self.assertNotEqual(True, reply.get("success"))
        self.assertFalse(self.kernel.ask("kernel_info_request", {}).get("debugger", False))

    def test_what_is_no_request_gets_no_reply(self):
        asked = self.kernel.send("no_such_thing", {})
        self.kernel.wait_for(asked, lambda c, m: c == "iopub" and m["content"].get("execution_state") == "idle")

        self.assertNotIn("shell", [channel for channel, _ in self.kernel.by_parent[asked]])

    def test_a_cell_that_cannot_be_read_is_busy_then_idle(self):
        asked = self.kernel.send("execute_request", {"silent": False})
        self.kernel.end(asked)

    def test_an_unknown_message_type(self):
        self.assertEqual("error", self.kernel.ask("no_such_request", {})["status"])
        self.assert_answers()


if __name__ == "__main__":
    unittest.main()
