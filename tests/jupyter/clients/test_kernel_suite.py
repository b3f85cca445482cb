"""The Jupyter project's own kernel tests, with every group that applies switched on. Runs inside the Jupyter root folder."""
import unittest

import jupyter_kernel_test


class KernelSuite(jupyter_kernel_test.KernelTests):
    kernel_name = "kadali"
    language_name = "C#"
    file_extension = ".cs"
    code_hello_world = 'Console.Write("hello, world");'
    code_stderr = 'Console.Error.Write("oops");'
    code_generate_error = 'throw new Exception("boom");'
    completion_samples = [
        {"text": "Console.Wri", "matches": {"Write", "WriteLine"}},
        {"text": "Enumerable.Ra", "matches": {"Range"}},
        {"text": "#!sq", "matches": {"#!sql"}},
    ]
    complete_code_samples = ["var x = 1;", "1 + 1", "class A { }", "#!sql\nSELECT 1"]
    incomplete_code_samples = ["class A {", "foreach (var x in new[] { 1 }) {"]
    invalid_code_samples = ["class class }"]
    code_inspect_sample = "Console.WriteLine"
    code_execute_result = [{"code": "6 * 7", "result": "42"}, {"code": '"a" + "b"', "result": "ab"}, {"code": "20 + 3 * 7", "result": "41"}]
    code_display_data = [
        {"code": '"<b>x</b>".DisplayAs("text/html");', "mime": "text/html"},
        {"code": "#!html\n<b>x</b>", "mime": "text/html"},
        {"code": "#!markdown\n*x*", "mime": "text/markdown"},
    ]
    code_history_pattern = "6 ? 7"
    supported_history_operations = ("tail", "range", "search")
    code_clear_output = "Kernel.ClearOutput();"
    # The one group that does not apply: help is shown as output, and nothing opens a pager.
    test_pager = None


class Welcome(jupyter_kernel_test.IopubWelcomeTests):
    kernel_name = "kadali"
    support_iopub_welcome = True


del jupyter_kernel_test

if __name__ == "__main__":
    unittest.main()
