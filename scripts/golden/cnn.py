"""Golden case for examples/cnn: what its cnn.py prints on random numbers."""

from .ports import printed


def cases():
    return [{"name": "random", "output": printed("cnn/cnn.py", "random")}]
