"""Every route of the native API says who may come: whoever adds one meets this."""

from __future__ import annotations

from collections.abc import Mapping

from tests.make.routes import OF_SHOPS, ROUTES

# Who may come without being asked who they are, and why.
OPEN: Mapping[str, str] = {
    "/v1/divisions": "regions are public data",
    "/v1/divisions/{version:str}": "as above",
    "/v1/carriers": "carriers are public data",
    "/v1/abnormal-kinds": "words of ours",
    "/v1/session": "signing in and out, and who is signed in",
    "/v1/system": "version and modes",
    "/v1/invites/look": "by a link that can't be guessed",
    "/v1/invites/join-new": "as above",
    "/v1/password-links/use": "as above",
    "/v1/payments/{provider:str}/notify/{merchant:str}": "signed by the provider",
    "/v1/media-servers/{dialect:str}/{secret:str}": "a media server, by a secret that the operator sets",
    "/papers/{token:str}": "a signed link that ends soon, and whose making stands in the record",
    "/media/{media_id:str}": "pictures are public, their names are hashes",
    "/room-codes/{shop_id:int}/{name:str}": "pictures of public rooms, by a name that only we can make",
    "/room-posters/{shop_id:int}/{name:str}": "as above",
    "/identity-codes/{shop_id:int}/{name:str}": "leads to a page that asks who is there",
    "/v1/storefront/{shop_id:int}": "a shop's window",
    "/v1/storefront/{shop_id:int}/goods/{goods_id:int}": "a shop's window",
    "/v1/storefront/{shop_id:int}/rooms/{room_id:int}": "a shop's window",
    "/v1/storefront/{shop_id:int}/rooms/{room_id:int}/replay": "a shop's window",
    "/v1/storefront/{shop_id:int}/quote": "prices are public",
    "/v1/storefront/{shop_id:int}/me": "a first visit makes a guest",
    "/v1/storefront/{shop_id:int}/me/sign-in": "signing in",
    "/v1/storefront/{shop_id:int}/me/session": "signing out",
    "/v1/storefront/{shop_id:int}/me/demo-buyers": "only where a demo runs",
    "/v1/storefront/{shop_id:int}/me/demo-buyer": "only where a demo runs",
    "/v1/storefront/{shop_id:int}/notices/unread": "nothing, to a stranger",
}


def test_every_route_asks_who_is_there() -> None:
    assert len(ROUTES) > 150
    unasked = [f"{one.method} {one.path}" for one in ROUTES if not (one.asks or one.path in OPEN)]
    assert unasked == [], "give them staff(…), member(), reviewer(…) or buyer(), or say here why anybody may come"
    assert [one.path for one in OF_SHOPS if one.check is None] == []
    assert [path for path in OPEN if path not in {one.path for one in ROUTES}] == []
