"""What is measured on a fresh kernel, and the same of each kernel in its own language."""
from __future__ import annotations

import dataclasses
import pathlib
import statistics
import subprocess
from collections import defaultdict
from dataclasses import dataclass

from process import KernelFailed, KernelProcess

ROOT = pathlib.Path(__file__).resolve().parents[2]
PYTHON = "/usr/bin/python3"


@dataclass(frozen=True)
class Plan:
    """How often, and how far."""

    starts: int
    runs: int
    cells: int
    lines: int

    @staticmethod
    def full(repeats: int) -> Plan:
        return Plan(starts=repeats, runs=max(1, repeats // 2), cells=1000, lines=100_000)

    @staticmethod
    def quick() -> Plan:
        return Plan(starts=1, runs=1, cells=100, lines=10_000)


@dataclass(frozen=True)
class KernelUnderTest:
    """A kernel and its words for the same things; ``{i}`` is the number of the cell."""

    name: str
    argv: tuple[str, ...]
    by_message: bool
    declare: str
    setup: str
    complete: str
    lines: str
    loop: str
    sleep: str

    def start(self, folder: str) -> KernelProcess:
        return KernelProcess(list(self.argv), folder, self.by_message)

    def at(self, program: str) -> KernelUnderTest:
        return dataclasses.replace(self, argv=(program, *self.argv[1:]))

    def missing(self) -> str:
        """Why it cannot be started, or nothing."""
        try:
            done = subprocess.run([self.argv[0], "-c", "import ipykernel"], capture_output=True, text=True, check=False)
        except OSError as error:
            return str(error)
        return "" if done.returncode == 0 else done.stderr.strip().splitlines()[-1]


KADALI = KernelUnderTest(
    name="kadali", argv=(str(ROOT / ".kadali" / "bin" / "kadali"), "kernel", "{connection_file}"), by_message=True,
    declare="var v{i} = {i};", setup="using System.Text;", complete="Console.Wri",
    lines="for (var i = 0; i < {lines}; i++) Console.WriteLine($\"line {i}\");",
    loop="while (true) { }", sleep="Thread.Sleep(60_000);")
IPYKERNEL = KernelUnderTest(
    name="ipykernel", argv=(PYTHON, "-m", "ipykernel_launcher", "-f", "{connection_file}"), by_message=False,
    declare="v{i} = {i}", setup="import sys", complete="sys.std",
    lines="for i in range({lines}): print(f'line {i}')",
    loop="while True: pass", sleep="import time; time.sleep(60)")


class Samples:
    """Values by figure and kernel."""

    def __init__(self) -> None:
        self._values: dict[tuple[str, str], list[float]] = defaultdict(list)

    def add(self, figure: str, kernel: str, value: float) -> None:
        self._values[figure, kernel].append(value)

    def median(self, figure: str, kernel: str) -> float | None:
        values = self._values.get((figure, kernel))
        return statistics.median(values) if values else None


def measure_start(kernel: KernelUnderTest, plan: Plan, folder: str, samples: Samples) -> None:
    """Spawn to kernel_info, and on to the reply of the first cell, which is sent as soon as the kernel has answered."""
    with kernel.start(folder) as process:
        samples.add("kernel_info", kernel.name, process.started)
        first = process.run("1+1", expect="2", need_idle=False)
        samples.add("first cell", kernel.name, process.started + first.reply)
        samples.add("first cell cpu", kernel.name, process.cpu_seconds() * 1e3)
        process.listen()
        process.run("1+1", expect="2")


def measure_first_sql(kernel: KernelUnderTest, plan: Plan, folder: str, samples: Samples) -> None:
    with kernel.start(folder) as process:
        first = process.run("#!sql\nSELECT 6 * 7 AS answer", expect="42", need_idle=False)
        samples.add("first sql", kernel.name, process.started + first.reply)
        process.listen()
        process.run("#!sql\nSELECT 6 * 7 AS answer", expect="42")


def measure_cells(kernel: KernelUnderTest, plan: Plan, folder: str, samples: Samples) -> None:
    """One notebook from its first to its last cell; from the 53rd on, every second one declares a variable."""
    with kernel.start(folder) as process:
        process.listen()
        warm: list[float] = []
        process.run(kernel.setup, expect="")
        process.run("1+1", expect="2")
        process.run("1+1", expect="2")
        complete(kernel, process, samples, "complete 3")
        for _ in range(4, 53):
            warm.append(process.run("1+1", expect="2").total)
        samples.add("warm 10", kernel.name, statistics.median(warm[2:17]))
        small = process.memory()
        samples.add("rss 52", kernel.name, small)
        for i in range(53, plan.cells + 1):
            if i == max(plan.cells // 5, 53):
                complete(kernel, process, samples, "complete 200")
            if i % 2:
                process.run(kernel.declare.replace("{i}", str(i)), expect="")
            else:
                warm.append(process.run("1+1", expect="2").total)
        samples.add("warm 1000", kernel.name, statistics.median(warm[-15:]))
        samples.add("growth", kernel.name, (process.memory() - small) / (plan.cells - 52))
        complete(kernel, process, samples, "complete 1000")


def complete(kernel: KernelUnderTest, process: KernelProcess, samples: Samples, figure: str) -> None:
    times = []
    for _ in range(11):
        found, milliseconds = process.ask("complete_request", {"code": kernel.complete, "cursor_pos": len(kernel.complete)})
        if not found["matches"]:
            raise KernelFailed(f"nothing completes {kernel.complete!r}")
        times.append(milliseconds)
    samples.add(figure + " first", kernel.name, times[0])
    samples.add(figure, kernel.name, statistics.median(times[1:]))


def measure_output(kernel: KernelUnderTest, plan: Plan, folder: str, samples: Samples) -> None:
    """A cell that prints many lines, each of which must arrive, in order; then cells that an interrupt ends."""
    with kernel.start(folder) as process:
        process.listen()
        process.run("1+1", expect="2")
        before = process.memory()
        cell = process.run(kernel.lines.replace("{lines}", str(plan.lines)), expect="")
        lines = cell.text.splitlines()
        samples.add("lines", kernel.name, cell.total)
        samples.add("lines lost", kernel.name, sum(1 for i in range(plan.lines) if i >= len(lines) or lines[i] != f"line {i}"))
        samples.add("lines messages", kernel.name, cell.messages)
        samples.add("lines memory", kernel.name, process.peak_memory() - before)
        for figure, code in (("interrupt loop", kernel.loop), ("interrupt sleep", kernel.sleep)):
            stopped = process.run(code, interrupt_after=300)
            if stopped.status == "ok":
                raise KernelFailed(f"{code!r} was interrupted and replied ok")
            samples.add(figure, kernel.name, stopped.total)
        process.run("1+1", expect="2")
