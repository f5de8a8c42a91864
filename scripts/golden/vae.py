"""Golden case for examples/vae: what its vae.py prints on random numbers."""

from .ports import printed


def cases():
    return [{"name": "random", "output": printed("vae/vae.py", "random")}]
