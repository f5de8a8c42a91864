"""Golden cases for examples/mnist: the curves of its train.py on MNIST and Fashion-MNIST.

  args    train.py's flags, and main.go's
  data    the set
  images  how many images of it to train on; 0 for all but those for validation
  long    whether the case is for make soak
  curve   after each epoch the loss and the accuracy in training, and those on the validation images
  test    the loss and the accuracy on the test images

MNIST's files are in the cache, where main.go puts them, and Fashion-MNIST's where Debian's package puts them.
"""

import os
import pathlib
import runpy

TRAIN = pathlib.Path(__file__).resolve().parents[2] / "examples/mnist/train.py"
CACHE = pathlib.Path(os.environ.get("GOTORCH_CACHE") or pathlib.Path.home() / ".cache/gotorch")
FOLDERS = {"mnist": CACHE / "data/mnist", "fashion": "/usr/share/datasets/fashion-mnist"}


def case(name, data="mnist", images=0, long=False, **flags):
    train = runpy.run_path(str(TRAIN))["train"]
    *curve, test = train(FOLDERS[data], images=images, **flags)
    return {
        "name": name,
        "args": " ".join(f"-{flag} {value}" for flag, value in flags.items()),
        "data": data,
        "images": images,
        "long": long,
        "curve": curve,
        "test": test,
    }


def cases():
    return [
        case("mlp", epochs=3),
        case("cnn", images=6400, model="cnn", optimizer="adam", epochs=1),
        case("mlp, 98 %", long=True, lr=0.02, epochs=10),
        case("cnn, 99 %", long=True, model="cnn", optimizer="adam", epochs=6),
        case("fashion, 90 %", long=True, data="fashion", model="cnn", optimizer="adam", epochs=8),
    ]
