"""All routes of the native API, from its own table, as a walk over them needs it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import get_args

from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from liveshelf.facades.native.app import native_app
from liveshelf.facades.native.shell import Check
from liveshelf.kernel.ids import ShopId
from tests.make import bodies

Id = int | str
# Parameters of paths that are no number of a thing.
WORDS: Mapping[str, Id] = {
    "kind": "orders.ship",
    "version": "1",
    "provider": "simulator",
    "day": "2026-01-05",
    "name": "x",
    "purpose": "marketing",
    "dialect": "srs",
    "secret": "x",
    "category": 801,
    "provider_id": 1,  # the platform's: any shop may name any of them
}
# The same name for different things: what it is on paths that contain this.
CALLED = (
    ("/aftersales-setup/", "address_id", "return_address_id"),
    ("/cases/{case_id", "case_id", "order_case_id"),
    ("/cases/{case_id", "order_id", "case_order_id"),
    ("/parcels/{parcel_id", "order_id", "parcel_order_id"),
    ("/aftersales/{case_id", "case_id", "aftersale_id"),
    ("/orders/{order_id:int}/aftersales", "order_id", "sent_order_id"),
)


@dataclass(frozen=True)
class Walked:
    """One route with one method."""

    method: str
    path: str
    handler: HTTPRouteHandler
    parameters: tuple[str, ...]

    @property
    def check(self) -> Check | None:
        found = self.handler.resolve_dependencies().get("operator")
        return found if isinstance(found, Check) else None

    @property
    def of_buyers(self) -> bool:
        return "buyer" in self.handler.resolve_dependencies()

    @property
    def asks(self) -> bool:
        """Whether somebody must be there: staff, a buyer, or whoever is signed in."""
        return self.check is not None or self.of_buyers or "who" in self.handler.resolve_dependencies()

    @property
    def body(self) -> type | None:
        declared = self.handler.parsed_fn_signature.parameters.get("data")
        if declared is None:
            return None
        kinds = [kind for kind in get_args(declared.annotation) if kind is not type(None)] or [declared.annotation]
        return kinds[0] if bodies.structs(kinds[0]) else None

    @property
    def takes_a_file(self) -> bool:
        return "data" in self.handler.parsed_fn_signature.parameters and self.body is None

    @property
    def asked(self) -> dict[str, str]:
        """A word for every query parameter that must be there."""
        known = {*self.handler.resolve_dependencies(), *self.parameters, "request", "data"}
        parameters = self.handler.parsed_fn_signature.parameters
        return {name: "x" for name, one in parameters.items() if name not in known and not one.has_default}

    @property
    def things(self) -> list[str]:
        """Its parameters that name a thing of a shop."""
        return [name for name in self.parameters if name != "shop_id" and name not in WORDS]

    def named(self, parameter: str) -> str:
        """What the thing behind a parameter is called."""
        return next((thing for part, name, thing in CALLED if part in self.path and name == parameter), parameter)

    def url(self, shop: ShopId, values: Mapping[str, Id]) -> str:
        """The address with everything filled in."""
        url = self.path
        for name in self.parameters:
            value = shop if name == "shop_id" else WORDS.get(name, values.get(name, ""))
            kind = next(part for part in ("int", "str", "date") if f"{{{name}:{part}}}" in url)
            url = url.replace(f"{{{name}:{kind}}}", str(value))
        return url


def walk() -> Iterator[Walked]:
    for route in native_app().routes:
        if not isinstance(route, HTTPRoute) or "/openapi" in route.path:
            continue
        for method, (handler, _) in route.route_handler_map.items():
            if method != "OPTIONS":
                yield Walked(method, route.path, handler, tuple(route.path_parameters))


ROUTES = sorted(walk(), key=lambda one: (one.path, one.method))
OF_SHOPS = [one for one in ROUTES if one.path.startswith("/v1/shops/{shop_id:int}")]
OF_BUYERS = [one for one in ROUTES if one.path.startswith("/v1/storefront/{shop_id:int}")]
