"""Senders of pictures: a real ffmpeg with a test picture, small and quick."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator

import pytest

FFMPEG = shutil.which("ffmpeg")
needs_ffmpeg = pytest.mark.skipif(
    FFMPEG is None and not os.environ.get("CI"), reason="script/test installs ffmpeg; here it is missing"
)


@contextlib.contextmanager
def sending(url: str, *, seconds: int = 60, color: str = "") -> Iterator[subprocess.Popen[bytes]]:
    """An encoder that sends 160 × 90 at 10 frames a second with a tone, a keyframe a second, in real time."""
    picture = f"color={color}:s=160x90:r=10" if color else "testsrc=s=160x90:r=10"
    process = subprocess.Popen(
        [
            *(str(FFMPEG), "-hide_banner", "-loglevel", "error", "-nostdin", "-re"),
            *("-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", "sine=r=44100", "-t", str(seconds)),
            *("-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-g", "10", "-pix_fmt", "yuv420p"),
            *("-c:a", "aac", "-b:a", "32k", "-f", "flv", url),
        ],
        stderr=subprocess.PIPE,
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
        if process.stderr is not None:
            process.stderr.close()
