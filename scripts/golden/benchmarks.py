"""Texts of torch.utils.benchmark for fixed measurements: torch/utils/benchmark/testdata/benchmark.json.gz."""

import torch
from torch.utils.benchmark import Compare, Measurement
from torch.utils.benchmark.utils.common import TaskSpec, select_unit, trim_sigfig

G = torch.Generator().manual_seed(3)


def measurement(label, row, column, threads, scale, spread, n=9, number=10, env=None, stmt="stmt"):
    times = (1 + spread * torch.rand(n, generator=G, dtype=torch.float64)) * scale * number
    spec = TaskSpec(stmt=stmt, setup="", label=label, sub_label=row, description=column, env=env, num_threads=threads)
    return Measurement(number_per_run=number, raw_times=times.tolist(), task_spec=spec)


def groups():
    m = measurement
    return {
        "one": [m("matmul", "64 x 64", "float32", 1, 5.734e-6, 0.05)],
        "threads": [m("matmul", f"{n} x {n}", d, t, n * n * 1e-8 * (k + 1) / t, 0.05 * k)
                    for t in (1, 2) for n in (8, 64, 512) for k, d in enumerate(("float32", "float64", "bfloat16"))],
        "holes": [m("add", "a", "x", 1, 3e-3, 0.2), m("add", "b", "y", 1, 4e-2, 0.02), m("add", "c", "x", 4, 2.5, 1.5),
                  m("add", "c", "y", 4, 0.4, 0.9)],
        "labels": [m("first", "a", "x", 1, 1e-9, 0.3), m("second", "a", "x", 1, 2.0, 0.3), m("first", "b", "x", 1, 9.99e-7, 0.001)],
        "replicates": [m("same", "row", "column", 1, 1e-4, 0.1), m("same", "row", "column", 1, 1e-4, 0.4, n=3, number=7),
                       m("same", "other", "column", 1, 1.1e-4, 0)],
        "environments": [m("env", "row", "column", t, 1e-4 * (t + len(e)), 0.1, env=e) for t in (1, 8) for e in ("main", "a branch")],
        "colors": [m("colors", f"row {i}", f"column {j}", 1, 1e-5 * f, 0.01) for i in range(3)
                   for j, f in enumerate((1 + i, 1.005 + 0.05 * i, 2.5 + 4 * i))],
        "few": [m("few", None, "column", 1, 3e-7, 0.3, n=1), m("few", "three", "column", 1, 3e-7, 0.3, n=3), m("few", "four", "column", 1, 3e-7, 0.3, n=4)],
        "no label": [m(None, None, "column", 2, 7e-2, 0.6, stmt="x.Add(y)")],
    }


def described(m):
    return {
        "label": m.label or "", "sub": m.sub_label or "", "description": m.description, "env": m.task_spec.env or "", "threads": m.num_threads,
        "stmt": m.stmt, "number": m.number_per_run, "times": m.raw_times, "median": m.median, "mean": m.mean, "iqr": m.iqr,
        "figures": m.significant_figures, "warns": m.has_warnings,
        "text": "\n".join(repr(m).splitlines()[1:]),  # without the object's address
    }


def cases():
    made = []
    for name, measurements in groups().items():
        tables = []
        for trim in (False, True):
            for highlight in (False, True):
                for colorize in (None, False, True):
                    c = Compare(measurements)
                    if trim:
                        c.trim_significant_figures()
                    if highlight:
                        c.highlight_warnings()
                    if colorize is not None:
                        c.colorize(rowwise=colorize)
                    kind = {None: 0, False: 1, True: 2}[colorize]
                    tables.append({"trim": trim, "highlight": highlight, "colorize": kind, "text": str(c)})
        made.append({"name": name, "measurements": [described(m) for m in measurements], "tables": tables})
    times = [1e-10, 1e-9, 9.999e-7, 1e-6, 1.5e-5, 1e-3, 0.25, 0.9999999, 1.0, 59.0, 1000.0]
    units = [{"seconds": t, "unit": select_unit(t)[0]} for t in times]
    trims = [{"x": x, "n": n, "trimmed": trim_sigfig(x, n)} for x in (3.14159, 0.0123456, 99.96, 1000.0, 123456.0) for n in (1, 2, 3, 4)]
    return [*made, {"name": "numbers", "units": units, "trims": trims}]
