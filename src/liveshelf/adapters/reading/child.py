"""The child process that holds the OCR engine: pictures come in by length and bytes, lines go out as JSON.

`python -m liveshelf.adapters.reading.child`. Its memory is bounded, so that a picture made to burst it ends the child
and nothing else.
"""

from __future__ import annotations

import io
import json
import os
import resource
import sys
from collections.abc import Callable
from typing import BinaryIO, Final

from PIL import Image

MEMORY_MAX: Final = 2 << 30  # bytes of address space; the engine takes half of it
SIDE_MAX: Final = 1280  # pixels: letters that a buyer can read are still read, and the time is bounded
SURE: Final = 0.6  # below this the engine guesses
LINES_MAX: Final = 200
LINE_MAX: Final = 500
_HEAD = 4


def main() -> None:
    """Answer until the input ends."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MAX, MEMORY_MAX))
    os.nice(5)
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what libraries print is no answer
    serve(sys.stdin.buffer, answers, engine())


def serve(asked: BinaryIO, answers: BinaryIO, read: Callable[[Image.Image], list[str]]) -> None:
    """Say that the engine is ready, then answer every picture."""
    _say(answers, [])
    while len(head := asked.read(_HEAD)) == _HEAD:
        data = asked.read(int.from_bytes(head, "big"))
        try:
            with Image.open(io.BytesIO(data), formats=["JPEG", "PNG"]) as image:
                image.thumbnail((SIDE_MAX, SIDE_MAX))
                lines = read(image.convert("RGB"))
        # Whatever a picture does to the decoder or the engine, the parent hears of it and the child goes on.
        except Exception:  # noqa: BLE001
            _say(answers, None)
        else:
            _say(answers, [line[:LINE_MAX] for line in lines[:LINES_MAX]])


def engine() -> Callable[[Image.Image], list[str]]:
    """The engine, loaded: one thread, its models from the package."""
    import numpy as np  # noqa: PLC0415 - of the extra, and only in this process
    from rapidocr import RapidOCR  # noqa: PLC0415 - as above

    threads = {f"EngineConfig.onnxruntime.{kind}_op_num_threads": 1 for kind in ("intra", "inter")}
    ocr = RapidOCR(params={**threads, "Global.log_level": "critical"})

    def read(image: Image.Image) -> list[str]:
        found = ocr(np.asarray(image))
        if found.txts is None:
            return []
        return [text for text, score in zip(found.txts, found.scores, strict=True) if score >= SURE]

    return read


def _say(answers: BinaryIO, lines: list[str] | None) -> None:
    body = json.dumps(lines, ensure_ascii=False).encode()
    answers.write(len(body).to_bytes(_HEAD, "big") + body)
    answers.flush()


if __name__ == "__main__":
    main()
