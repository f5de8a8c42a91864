"""Golden cases for examples/chat with the model that it fetches: what chat.py answers.

The model is where the example puts it; make example-chat fetches it.
"""

import os
import pathlib
import runpy

from .chat import CHAT, talk, texts

FOLDER = pathlib.Path(os.environ.get("GOTORCH_CACHE") or pathlib.Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "gotorch")
MESSAGES = ["What is the Go programming language?", "Who wrote Hamlet?"]


def cases() -> dict:
    chat = runpy.run_path(str(CHAT), run_name="chat")
    path = FOLDER / "models/SmolLM2-135M-Instruct.Q4_1.gguf"
    return {"talks": [talk(chat, path, message, 40) for message in MESSAGES], "texts": texts(chat, path)}
