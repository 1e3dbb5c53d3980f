"""The native API as one Litestar application: every module's routes under /v1, one way to render refusals."""

from __future__ import annotations

import functools
import importlib
import pkgutil
from typing import Any, cast

from litestar import Litestar, Request, Router
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.openapi.config import OpenAPIConfig
from litestar.types import ControllerRouterHandler

import liveshelf
from liveshelf.facades import native
from liveshelf.facades.native.described import describe
from liveshelf.facades.native.shell import (
    JSON_BODY_MAX,
    render_bug,
    render_domain_error,
    render_http_error,
    render_too_deep,
)
from liveshelf.kernel.errors import DomainError
from liveshelf.platform.runtime import Runtime

RUNTIME = "liveshelf.runtime"


def routes(name: str) -> list[ControllerRouterHandler]:
    """What the facade's modules offer under a name: `ROUTES` belong under /v1, `ROOT_ROUTES` stand beside it."""
    found: list[Any] = []
    for info in sorted(pkgutil.iter_modules(native.__path__), key=lambda info: info.name):
        if info.name != "app":
            found.extend(getattr(importlib.import_module(f"{native.__name__}.{info.name}"), name, ()))
    for handler in found:
        describe(handler)
    return found


def provide_runtime(request: Request[Any, Any, Any]) -> Runtime:
    """What the process that answers this request has at hand."""
    return cast("Runtime", cast("dict[str, Any]", request.scope)[RUNTIME])


@functools.cache
def native_app() -> Litestar:
    """The application. It holds nothing of a process: whoever calls it puts its runtime into the scope, as `RUNTIME`.

    Made once, since working out what hundreds of handlers want takes a third of a second.
    """
    return Litestar(
        route_handlers=[Router("/v1", route_handlers=routes("ROUTES")), *routes("ROOT_ROUTES")],
        dependencies={"runtime": Provide(provide_runtime, sync_to_thread=False)},
        exception_handlers={
            DomainError: render_domain_error,
            HTTPException: render_http_error,
            RecursionError: render_too_deep,
            Exception: render_bug,
        },
        request_max_body_size=JSON_BODY_MAX,
        openapi_config=OpenAPIConfig(
            title="liveshelf", version=liveshelf.__version__, path="/v1/openapi", use_handler_docstrings=True
        ),
        logging_config=None,
        pdb_on_exception=False,
    )
