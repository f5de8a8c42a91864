"""One process of the job of distributed_test.go, in Python: train.py on a part of the images."""

import json
import os
import pathlib
import sys

import torch.distributed as dist

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))
import train  # noqa: E402

dist.init_process_group("gloo")
*curve, _ = train.train(sys.argv[1], optimizer="adam", epochs=2, images=6000)
if dist.get_rank() == 0:
    pathlib.Path(os.environ["GOTORCH_TEST_OUT"]).write_text(json.dumps(curve))
dist.destroy_process_group()
