"""What the API's document says of every call besides what its handler says: how a refusal looks."""

from __future__ import annotations

from dataclasses import dataclass, replace

from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import OpenAPIResponse, Operation

from liveshelf.facades.native.shell import MEDIA_TYPE_PROBLEM, Problem

_PLACE = 400  # where the framework would describe its own form of a refusal, which is never sent
_REFUSAL = ResponseSpec(Problem, generate_examples=False, description="A refusal.", media_type=MEDIA_TYPE_PROBLEM)


@dataclass
class Described(Operation):
    """A call that may be refused with any status, always in the same form."""

    def __post_init__(self) -> None:
        responses = dict(self.responses or {})
        refusal = responses.pop(str(_PLACE))
        if isinstance(nothing := responses.get("204"), OpenAPIResponse):
            responses["204"] = replace(nothing, content=None)  # a handler that answers with cookies alone says `null`
        self.responses = {**responses, "4XX": refusal, "5XX": refusal}


def describe(handler: HTTPRouteHandler) -> None:
    """Let the document say of this call how it is refused."""
    handler.responses = {**(handler.responses or {}), _PLACE: _REFUSAL}
    if handler.operation_class is Operation:
        handler.operation_class = Described
