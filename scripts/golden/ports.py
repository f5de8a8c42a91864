"""What the Python sources of examples print, for golden cases of their Go ports."""

import contextlib
import io
import pathlib
import runpy
import sys

EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / "examples"


def printed(script, *arguments):
    """The lines that the script, of examples/, prints for the arguments."""
    before = sys.argv
    sys.argv = [script, *arguments]
    try:
        with contextlib.redirect_stdout(io.StringIO()) as out:
            runpy.run_path(str(EXAMPLES / script), run_name="__main__")
    finally:
        sys.argv = before
    return out.getvalue().splitlines()
