"""What torch.testing.FileCheck says: torch/testing/testdata/filecheck.json.

Each case has a text, checks, and the first line of the error, or None.
"""

from torch.testing import FileCheck

PROGRAM = """graph(%x : Tensor, %y : Tensor):
  %1 : int = prim::Constant[value=1]()
  %2 : Tensor = aten::mm(%x, %y)
  %3 : Tensor = aten::add(%2, %y, %1)
  %4 : Tensor = aten::relu(%3)
  %5 : Tensor = aten::add(%4, %y, %1)
  return (%5)
"""
ERROR = """  File "net.py", line 3
    y = forward(x)
    z = y.frobnicate()
        ~~~~~~~~~~~~ <--- HERE
    return forward(z)
"""
CASES = [
    (PROGRAM, [["check", "aten::mm"], ["check", "aten::relu"]]),
    (PROGRAM, [["check", "aten::relu"], ["check", "aten::mm"]]),
    (PROGRAM, [["check", "aten::mm"], ["check", "aten::mm"]]),
    (PROGRAM, [["check", "not \"there\""]]),
    (PROGRAM, [["check_not", "aten::sub"]]),
    (PROGRAM, [["check_not", "aten::add"]]),
    (PROGRAM, [["check", "aten::mm"], ["check_not", "aten::relu"], ["check", "aten::add"]]),
    (PROGRAM, [["check", "aten::mm"], ["check_not", "aten::add"], ["check", "aten::relu"]]),
    (PROGRAM, [["check", "aten::mm"], ["check_not", "aten::sub"], ["check_not", "aten::add"], ["check", "aten::relu"]]),
    (PROGRAM, [["check", "aten::relu"], ["check_not", "aten::mm"]]),
    (PROGRAM, [["check", "aten::relu"], ["check_not", "aten::add"]]),
    (PROGRAM, [["check", "aten::mm"], ["check_same", "%y"]]),
    (PROGRAM, [["check", "aten::mm"], ["check_same", "%1"]]),
    (PROGRAM, [["check", "aten::mm"], ["check_next", "aten::add"]]),
    (PROGRAM, [["check", "aten::mm"], ["check_next", "aten::relu"]]),
    (PROGRAM, [["check", "return"], ["check_next", "more"]]),
    (PROGRAM, [["check_count", "aten::add", 2]]),
    (PROGRAM, [["check_count", "aten::add", 3]]),
    (PROGRAM, [["check_count", "aten::add", 2, True]]),
    (PROGRAM, [["check_count", "aten::add", 1, True]]),
    (PROGRAM, [["check_count", "aten::sub", 0, True]]),
    (PROGRAM, [["check_count", "aten::add", 0, True]]),
    (PROGRAM, [["check_count", "aten::add", 2], ["check", "return"]]),
    (PROGRAM, [["check_count", "aten::add", 1], ["check", "aten::relu"], ["check", "aten::mm"]]),
    (PROGRAM, [["check_dag", "aten::relu"], ["check_dag", "aten::mm"], ["check", "return"]]),
    (PROGRAM, [["check_dag", "aten::relu"], ["check_dag", "aten::mm"], ["check", "aten::add"], ["check", "aten::add"]]),
    (PROGRAM, [["check", "aten::relu"], ["check_dag", "aten::add"], ["check_dag", "aten::mm"]]),
    (PROGRAM, [["check_dag", "aten::mm"], ["check_not", "aten::relu"], ["check_dag", "return"]]),
    (PROGRAM, [["check_dag", "aten::relu"], ["check_not", "aten::relu"], ["check_dag", "return"]]),
    (PROGRAM, [["check_regex", "aten::(mm|bmm)"], ["check", "aten::add"]]),
    (PROGRAM, [["check_regex", "aten::(sub|div)"]]),
    (ERROR, [["check", "net.py"], ["check_source_highlighted", "y.frobnicate"]]),
    (ERROR, [["check_source_highlighted", "y.frobnicate()"]]),
    (ERROR, [["check_source_highlighted", "forward"]]),
    (ERROR, [["check_source_highlighted", "absent"]]),
    ("", [["check_not", "x"]]),
    ("", [["check", "x"]]),
]


def cases():
    made = []
    for text, checks in CASES:
        f, error = FileCheck(), None
        for method, *arguments in checks:
            f = getattr(f, method)(*arguments)
        try:
            f.run(text)
        except RuntimeError as e:
            error = str(e).split("\n")[0]
        made.append({"text": text, "checks": checks, "error": error})
    return made
