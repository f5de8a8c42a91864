"""The Python side of bench/serve: a FastAPI server of MNIST's CNN or of MiniLM, with uvicorn, in
one process.

    serve.py cnn|embed PORT plain|batched WEIGHTS

plain runs each request as it comes; batched gathers those that wait while the model runs, in a
thread beside the loop, as torch/serve does.
"""

import asyncio
import contextlib
import importlib.util
import pathlib
import sys

import torch
import torch.nn.functional as F
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel
from torch import nn

MOST = 32


class CNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 16, 3, padding=1), nn.Conv2d(16, 32, 3, padding=1)
        self.fc1, self.fc2 = nn.Linear(32 * 7 * 7, 128), nn.Linear(128, 10)

    def forward(self, x):
        x = F.max_pool2d(self.conv1(x).relu(), 2)
        x = F.max_pool2d(self.conv2(x).relu(), 2)
        return self.fc2(self.fc1(x.flatten(1)).relu())


class Batcher:
    """Gathers what waits into batches."""

    def __init__(self, run):
        self.run, self.queue = run, asyncio.Queue()

    async def loop(self):
        while True:
            batch = [await self.queue.get()]
            while len(batch) < MOST and not self.queue.empty():
                batch.append(self.queue.get_nowait())
            results = await asyncio.get_running_loop().run_in_executor(None, self.run, [request for request, _ in batch])
            for (_, future), result in zip(batch, results):
                if not future.done():
                    future.set_result(result)

    async def ask(self, request):
        future = asyncio.get_running_loop().create_future()
        self.queue.put_nowait((request, future))
        return await future


def serve(run, batched):
    """Returns an app and what answers a request."""
    batcher = Batcher(run)

    async def plain(request):
        return run([request])[0]

    @contextlib.asynccontextmanager
    async def lifespan(app):
        task = asyncio.create_task(batcher.loop())
        yield
        task.cancel()

    app = FastAPI(lifespan=lifespan)

    @app.get("/ready")
    async def ready():
        return {}

    return app, batcher.ask if batched else plain


class Tensor(BaseModel):
    name: str
    shape: list[int]
    datatype: str
    data: list[float]


class Request(BaseModel):
    inputs: list[Tensor]


class Text(BaseModel):
    text: str


def main():
    model, port, mode, weights = sys.argv[1:]
    torch.set_grad_enabled(False)
    if model == "cnn":
        net = CNN().eval()
        net.load_state_dict(torch.load(weights))

        @torch.inference_mode()
        def run(requests):
            x = torch.tensor([request.inputs[0].data for request in requests]).view(-1, *requests[0].inputs[0].shape[1:])
            return net(x).tolist()

        app, ask = serve(run, mode == "batched")

        @app.post("/v2/models/cnn/infer")
        async def infer(request: Request):
            scores = await ask(request)
            return {"model_name": "cnn", "outputs": [{"name": "scores", "datatype": "FP32", "shape": [1, len(scores)], "data": scores}]}
    else:
        path = pathlib.Path(__file__).resolve().parents[2] / "examples/embed/embed.py"
        spec = importlib.util.spec_from_file_location("embed", path)
        embed = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(embed)
        from tokenizers import BertWordPieceTokenizer

        folder = pathlib.Path(weights)
        bert = embed.load(folder)
        tokenizer = BertWordPieceTokenizer(str(folder / "vocab.txt"))
        tokenizer.enable_truncation(256)

        @torch.inference_mode()
        def run(texts):
            return bert.mean([encoding.ids for encoding in tokenizer.encode_batch(texts)]).tolist()

        app, ask = serve(run, mode == "batched")

        @app.post("/embed")
        async def infer(request: Text):
            return {"data": await ask(request.text)}

    uvicorn.run(app, host="127.0.0.1", port=int(port), log_level="warning", access_log=False)


if __name__ == "__main__":
    main()
