"""Exchanges recorded between the official Python client and a server of version 8.1.

vectors/frames.json: name → what the client returned (its repr) and the frames in hexadecimal,
">" to the server and "<" from it. "{pids}" stands for the array of all partitions.
"""

from __future__ import annotations

import ast
import json
import struct
from pathlib import Path
from typing import Any

VECTORS = Path(__file__).parent / "vectors"
ALL_PIDS = struct.pack("<4096H", *range(4096)).hex()


def load(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((VECTORS / f"{name}.json").read_text())
    return loaded


EXCHANGES = load("frames")
EXPRESSIONS = load("expressions")
CONTEXTS = load("contexts")


def frames(name: str, direction: str) -> list[bytes]:
    """The whole frames of an exchange in one direction."""
    return [
        bytes.fromhex(text.replace("{pids}", ALL_PIDS))
        for way, text in EXCHANGES[name]["frames"]
        if way == direction
    ]


def requests(name: str) -> list[bytes]:
    return frames(name, ">")


def replies(name: str) -> list[bytes]:
    """The bodies of an exchange's reply frames."""
    return [frame[8:] for frame in frames(name, "<")]


def result(name: str) -> Any:
    """What the official client returned, as Python literals."""
    return ast.literal_eval(EXCHANGES[name]["result"])
