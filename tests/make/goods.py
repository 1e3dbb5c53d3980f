"""Shops with goods: covers, cards, and goods in every state."""

from __future__ import annotations

from typing import Any

from liveshelf.flows import listing
from liveshelf.goods import queries
from liveshelf.goods.types import AuditState, CardDraft, Listed, LiveGoods, Origin
from liveshelf.kernel.actors import SYSTEM, Actor, ActorKind
from liveshelf.kernel.ids import GoodsId, MediaId, ShopId
from liveshelf.media import service as media
from liveshelf.media.types import Picture
from liveshelf.platform.db import Database, Tx
from liveshelf.reviews.types import Stage, Verdict

STAFF = Actor(ActorKind.STAFF, "41")
SOFTWARE = Actor(ActorKind.CREDENTIAL, "wx0123456789abcdef")
REVIEWER = Actor(ActorKind.REVIEWER, "cli")
PASS = Verdict(Stage.PERSON, passed=True)
MACHINE_PASS = Verdict(Stage.MACHINE, passed=True)


async def cover(
    db: Database,
    shop: ShopId,
    *,
    side: int = 300,
    sha256: str = "",
    fingerprint: int = 1,
    temporary: bool = True,
) -> MediaId:
    """A media row that could be a cover; nothing is stored under its hash."""
    sha256 = sha256 or f"{side:032x}{fingerprint:032x}"
    picture = Picture(b"-", "image/jpeg", side, side, fingerprint)
    kept = await db.write(SYSTEM, shop, lambda tx: media.keep(tx, picture, sha256, kind="image", temporary=temporary))
    return kept.media_id


def draft(cover_media_id: str, **changes: Any) -> CardDraft:
    """A card that is right in every field, but for the changes."""
    fields: dict[str, Any] = {
        "name": "青瓷茶盏",
        "cover_media_id": cover_media_id,
        "price_type": 1,
        "price_fen": 12_800,
        "price2_fen": None,
        "url": "pages/goods/detail?id=1001",
    }
    return CardDraft(**{**fields, **changes})


async def added(db: Database, shop: ShopId, *, origin: Origin = Origin.API, **changes: Any) -> Listed:
    """A goods that was added and submitted."""
    card = draft(changes.pop("cover_media_id", None) or await cover(db, shop), **changes)
    return await db.write(SOFTWARE, shop, lambda tx: listing.add_and_submit(tx, card, origin=origin))


async def goods(db: Database, shop: ShopId, goods_id: GoodsId) -> LiveGoods:
    """The goods as it stands."""
    async with db.read(shop) as tx:
        (found,) = await queries.live_goods(tx, [goods_id])
    return found


async def goods_in(
    db: Database, shop: ShopId, state: AuditState, *, origin: Origin = Origin.API, **changes: Any
) -> Listed:
    """A goods that came to a state along the public verbs."""
    listed = await added(db, shop, origin=origin, **changes)

    async def bring(tx: Tx) -> None:
        match state:
            case AuditState.UNAUDITED:
                await listing.withdraw(tx, listed.goods_id, listed.audit_id)
            case AuditState.APPROVED:
                await listing.decide(tx, listed.audit_id, MACHINE_PASS)
                await listing.decide(tx, listed.audit_id, PASS)
            case AuditState.REJECTED:
                await listing.decide(tx, listed.audit_id, MACHINE_PASS)
                verdict = Verdict(Stage.PERSON, passed=False, reasons=("picture_unclear",), note="图片模糊")
                await listing.decide(tx, listed.audit_id, verdict)
            case AuditState.IN_AUDIT:
                pass

    await db.write(REVIEWER, shop, bring)
    return listed
