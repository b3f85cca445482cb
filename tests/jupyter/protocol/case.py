"""Test cases that share one kernel, started anew only after a test has lost it."""
import unittest

from kernel import Kernel


class KernelCase(unittest.TestCase):
    _kernel = None

    @classmethod
    def tearDownClass(cls):
        if cls._kernel:
            cls._kernel.close()
            cls._kernel = None

    @property
    def kernel(self) -> Kernel:
        cls = type(self)
        if cls._kernel and cls._kernel.process.poll() is not None:
            cls._kernel.close()
            cls._kernel = None
        if not cls._kernel:
            cls._kernel = Kernel()
        return cls._kernel

    def assert_answers(self, kernel=None):
        """The kernel still computes."""
        run = (kernel or self.kernel).run("1+1")
        self.assertEqual("2", run.result, run.reply)
