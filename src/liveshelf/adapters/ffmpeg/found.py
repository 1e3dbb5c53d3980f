"""Where ffmpeg is: named by a setting, on the PATH, or in the optional extra `video`."""

from __future__ import annotations

import importlib
import shutil
from functools import lru_cache
from importlib.util import find_spec

from liveshelf.platform.settings import Settings

EXTRA = "imageio_ffmpeg"


def ffmpeg(settings: Settings) -> str | None:
    """The program's path, or `None` where there is none."""
    if settings.ffmpeg:
        return shutil.which(settings.ffmpeg)
    return shutil.which("ffmpeg") or _of_extra()


@lru_cache(maxsize=1)
def _of_extra() -> str | None:
    if find_spec(EXTRA) is None:
        return None
    try:
        return str(importlib.import_module(EXTRA).get_ffmpeg_exe())
    except RuntimeError:  # the package without a program, as on platforms that it has none for
        return None
