"""Loads what capabilities keep private: tables, timers, jobs. The one written exception to the underscore's rule."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType

from sqlalchemy import MetaData

import liveshelf
from liveshelf.platform.jobs import Job
from liveshelf.platform.schema import metadata
from liveshelf.platform.timers import Timer


def tables() -> MetaData:
    """The whole schema, with every `_tables` module loaded; a large capability has several (`_claims_tables`)."""
    for _ in _modules("_tables"):
        pass
    return metadata


def timers() -> list[Timer]:
    """Every time limit of the product, by name."""
    found = [timer for module in _modules("_jobs") for timer in getattr(module, "TIMERS", ())]
    return sorted(found, key=lambda timer: timer.name)


def jobs() -> list[Job]:
    """Every kind of deferred work, by name."""
    found = [job for module in _modules("_jobs") for job in getattr(module, "JOBS", ())]
    return sorted(found, key=lambda job: job.name)


def everything() -> None:
    """Import every module but the process roots: the docs and the tests that speak of all errors or events need it."""
    for info in pkgutil.walk_packages(liveshelf.__path__, "liveshelf."):
        if not info.name.startswith("liveshelf.entry."):
            importlib.import_module(info.name)


def _modules(name: str) -> Iterator[ModuleType]:
    for info in pkgutil.walk_packages(liveshelf.__path__, "liveshelf."):
        if info.name.rsplit(".", 1)[-1].endswith(name):
            yield importlib.import_module(info.name)
