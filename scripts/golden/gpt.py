"""Golden case for examples/gpt: what the first 20 steps of its train.py print.

  sha256  of the text that it trained on, which is that of the installed Go
  output  what it prints, line for line
  losses  the loss of each step
"""

import contextlib
import hashlib
import io
import pathlib
import re
import runpy
import sys

TRAIN = pathlib.Path(__file__).resolve().parents[2] / "examples/gpt/train.py"


def cases() -> dict:
    """Runs train.py and returns its one case."""
    arguments, sys.argv = sys.argv, ["train.py", "--steps", "20", "--every", "1", "--sample", "40"]
    try:
        with contextlib.redirect_stdout(io.StringIO()) as out:
            script = runpy.run_path(str(TRAIN), run_name="__main__")
    finally:
        sys.argv = arguments
    return {
        "sha256": hashlib.sha256(script["specification"]().encode()).hexdigest(),
        "output": out.getvalue().splitlines(),
        "losses": [float(loss) for loss in re.findall(r"loss (\S+)", out.getvalue())],
    }
