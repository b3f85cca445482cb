"""Kadali's kernel beside ipykernel: start, warm cells, completion, memory, output, interrupt.

Prints one table; it is a report, not a test.
"""
from __future__ import annotations

import argparse
import os
import sys
import tempfile

from measures import IPYKERNEL, KADALI, Plan, Samples, measure_cells, measure_first_sql, measure_output, measure_start
from process import KernelFailed
from table import print_table


def main() -> int:
    arguments = argparse.ArgumentParser(prog="kadali bench kernel", description=__doc__)
    arguments.add_argument("--quick", action="store_true", help="one repeat and fewer cells: shows that everything runs, not how fast")
    arguments.add_argument("--repeats", type=int, help="fresh kernels of each kind (7; of the long runs half as many)")
    arguments.add_argument("--program", help=argparse.SUPPRESS)
    options = arguments.parse_args()
    plan = Plan.quick() if options.quick else Plan.full(options.repeats or 7)
    kadali = KADALI.at(options.program) if options.program else KADALI
    kernels = [kadali, IPYKERNEL]
    samples, failures = Samples(), []
    if missing := IPYKERNEL.missing():
        print(f"There is no ipykernel to compare with ({missing}); on Debian: apt-get install python3-ipykernel. Ours alone:\n", flush=True)
        kernels = [kadali]
    with tempfile.TemporaryDirectory(prefix="kadali-bench-") as folder:
        for label, measure, repeats, only in (
            ("start", measure_start, plan.starts, kernels),
            ("first #!sql", measure_first_sql, plan.starts, [kadali]),
            ("cells", measure_cells, plan.runs, kernels),
            ("output and interrupts", measure_output, plan.runs, kernels),
        ):
            for turn in range(repeats):
                # Turn about, so that all meet the same load of the machine.
                for kernel in only:
                    if sys.stderr.isatty():
                        print(f"\r\x1b[K{label} {turn + 1}/{repeats} {kernel.name}", end="", file=sys.stderr, flush=True)
                    try:
                        measure(kernel, plan, folder, samples)
                    except KernelFailed as failure:
                        failures.append(f"{kernel.name}, {label}: {failure}")
    if sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr)
    print_table(samples, kadali.name, IPYKERNEL.name, plan)
    load = f", load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors" if hasattr(os, "getloadavg") else ""
    print(f"\nMedians of {plan.starts} fresh kernels each (cells, output: {plan.runs}), turn about{load}.")
    for failure in failures:
        print(f"failed: {failure}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
