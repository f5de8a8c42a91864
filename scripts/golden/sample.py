"""Golden case for examples/mnist: what its sample.py prints.

  output  the text, line for line
  losses  the loss of each epoch
  right   how many predictions are right after the training set, and after both
  total   of how many
"""

import contextlib
import io
import pathlib
import re
import runpy

SAMPLE = pathlib.Path(__file__).resolve().parents[2] / "examples/mnist/sample.py"


def cases() -> list[dict]:
    """Runs the sample and returns its one case."""
    with contextlib.redirect_stdout(io.StringIO()) as out:
        runpy.run_path(str(SAMPLE))
    counts = re.findall(r"^(\d+) of (\d+) right$", out.getvalue(), re.M)
    return [
        {
            "name": "seed 0",
            "losses": [float(loss) for loss in re.findall(r"loss (\S+)", out.getvalue())],
            "right": [int(right) for right, _ in counts],
            "total": [int(total) for _, total in counts],
            "output": out.getvalue().splitlines(),
        }
    ]
