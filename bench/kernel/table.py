"""The table: each figure beside its baseline of the same run."""
from __future__ import annotations

from dataclasses import dataclass

from measures import Plan, Samples


@dataclass(frozen=True)
class Row:
    """One line. The baseline is ipykernel's own value unless ``over`` names another figure of ours."""

    name: str
    figure: str
    unit: str
    must: float | None = None
    aim: float | None = None
    over: str | None = None
    absolute: bool = False


def rows(plan: Plan) -> list[Row]:
    n, fifth = f"{plan.cells:,}", f"{max(plan.cells // 5, 53):,}"
    return [
        Row("spawn to kernel_info", "kernel_info", "ms", 0.6, 0.4),
        Row("spawn to first C# result", "first cell", "ms", 1.5, 1.0),
        Row("  processor time until then", "first cell cpu", "ms"),
        Row("spawn to first #!sql result (base: first C#)", "first sql", "ms", 1.2, 1.0, over="first cell"),
        Row("warm 1+1 at cell 10", "warm 10", "ms", 2.0, 1.5),
        Row(f"warm 1+1 at cell {n}", "warm 1000", "ms", 2.0, 1.5),
        Row("  flat (base: at cell 10)", "warm 1000", "ms", 1.2, 1.0, over="warm 10"),
        Row("completion after 3 cells", "complete 3", "ms", 1.2, 1.0),
        Row(f"completion after {fifth} cells", "complete 200", "ms", 1.2, 1.0),
        Row(f"completion after {n} cells", "complete 1000", "ms", 1.2, 1.0),
        Row("  flat (base: after 3 cells)", "complete 1000", "ms", 1.2, 1.0, over="complete 3"),
        Row("  the first completion of all", "complete 3 first", "ms"),
        Row("resident memory after 52 cells", "rss 52", "MiB", 200, 160, absolute=True),
        Row(f"growth per cell to cell {n}", "growth", "MiB", 0.2, 0.1, absolute=True),
        Row(f"{plan.lines:,} printed lines", "lines", "ms", 1.0, 0.5),
        Row("  lines lost", "lines lost", "", 0, 0, absolute=True),
        Row("  messages on iopub", "lines messages", ""),
        Row("  peak memory above idle", "lines memory", "MiB"),
        Row("interrupt of a busy loop", "interrupt loop", "ms", 1000, 100, absolute=True),
        Row("interrupt of a sleep", "interrupt sleep", "ms", 1000, 100, absolute=True),
    ]


def print_table(samples: Samples, ours: str, theirs: str, plan: Plan) -> None:
    layout = "{:<46} {:>11} {:>11} {:>7} {:>9} {:>7}  {}"
    print(layout.format("figure", ours, theirs, "ratio", "must", "aim", "verdict").rstrip())
    for row in rows(plan):
        value = samples.median(row.figure, ours)
        base = samples.median(row.over, ours) if row.over else samples.median(row.figure, theirs)
        ratio = value / base if value is not None and base else None
        judged = value if row.absolute else ratio
        suffix = row.unit if row.absolute else "x"
        print(layout.format(
            row.name, amount(value, row.unit), "" if row.over else amount(base, row.unit), f"{ratio:.2f}x" if ratio is not None else "",
            limit(row.must, suffix), limit(row.aim, suffix), verdict(row, judged)).rstrip())


def amount(value: float | None, unit: str) -> str:
    if value is None:
        return "-"
    digits = 0 if value >= 100 or value == int(value) else 2 if value < 10 else 1
    return f"{value:,.{digits}f} {unit}".rstrip()


def limit(value: float | None, unit: str) -> str:
    return "" if value is None else f"{value:g} {unit}".rstrip() if unit != "x" else f"{value:g}x"


def verdict(row: Row, judged: float | None) -> str:
    if row.must is None:
        return ""
    if judged is None:
        return "not measured"
    if row.aim is not None and judged <= row.aim:
        return "aim reached"
    return "within" if judged <= row.must else "MISSED"
