"""Writes to the goods library: add, withdraw, resubmit, delete, update; and the widget key."""

from __future__ import annotations

from liveshelf.facades.wechat.calls import GET, Call, call
from liveshelf.facades.wechat.envelope import Answer
from liveshelf.facades.wechat.errors import ParameterWrong, Refusal, text_of
from liveshelf.facades.wechat.params import Params
from liveshelf.flows import listing
from liveshelf.goods.rules import read_price
from liveshelf.goods.types import CardChanges, CardDraft, Origin, PriceType
from liveshelf.kernel.ids import AuditId, GoodsId
from liveshelf.shops import queries as shops
from liveshelf.shops.service import set_widget_key, spend_submission

STORED_NOT_SUBMITTED = 300021


@call("goods.add", "/wxaapi/broadcast/goods/add", anchor="G1", own_faults=frozenset({STORED_NOT_SUBMITTED}))
async def add(call: Call) -> Answer:
    """Add a goods and submit it. When a fault loses the submission, the goods stays, un-audited, and its id is told."""
    draft = _draft(call.params.part("goodsInfo"))
    if call.fault_is(STORED_NOT_SUBMITTED):
        goods_id = await call.write(lambda tx: listing.add_unsubmitted(tx, draft, origin=Origin.API))
        return Refusal(STORED_NOT_SUBMITTED, text_of(STORED_NOT_SUBMITTED), {"goodsId": goods_id})
    listed = await call.write(lambda tx: listing.add_and_submit(tx, draft, origin=Origin.API, spend=spend_submission))
    return {"goodsId": listed.goods_id, "auditId": listed.audit_id}


@call("goods.resetaudit", "/wxaapi/broadcast/goods/resetaudit", anchor="G2")
async def withdraw(call: Call) -> Answer:
    """Take a pending submission back."""
    audit_id = AuditId(call.params.identifier("auditId"))
    goods_id = GoodsId(call.params.identifier("goodsId"))
    await call.write(lambda tx: listing.withdraw(tx, goods_id, audit_id, door=Origin.API))
    return {}


@call("goods.audit", "/wxaapi/broadcast/goods/audit", anchor="G3")
async def resubmit(call: Call) -> Answer:
    """Submit again what was withdrawn or rejected."""
    goods_id = GoodsId(call.params.identifier("goodsId"))
    audit_id = await call.write(lambda tx: listing.submit(tx, goods_id, door=Origin.API, spend=spend_submission))
    return {"auditId": audit_id}


@call("goods.delete", "/wxaapi/broadcast/goods/delete", anchor="G4")
async def delete(call: Call) -> Answer:
    """Delete a goods for good, from every room as well."""
    goods_id = GoodsId(call.params.identifier("goodsId"))
    await call.write(lambda tx: listing.delete(tx, goods_id, door=Origin.API))
    return {}


@call("goods.update", "/wxaapi/broadcast/goods/update", anchor="G5")
async def update(call: Call) -> Answer:
    """Change what is sent of a goods, as its audit status allows."""
    info = call.params.part("goodsInfo")
    goods_id, changes = GoodsId(info.identifier("goodsId")), _changes(info)
    await call.write(lambda tx: listing.update(tx, goods_id, changes, door=Origin.API))
    return {}


@call("goods.setkey", "/wxaapi/broadcast/goods/setkey", anchor="G8")
async def set_key(call: Call) -> Answer:
    """Set the default widget key."""
    names = call.params.get("goodsKey")
    await call.write(lambda tx: set_widget_key(tx, names))
    return {"errmsg": ""}


@call("goods.getkey", "/wxaapi/broadcast/goods/getkey", GET, anchor="G9")
async def get_key(call: Call) -> Answer:
    """The default widget key; left out when none was set."""
    async with call.read() as tx:
        key = (await shops.shop(tx)).widget_key
    return {} if key is None else {"vendorGoodsKey": list(key)}


def _draft(info: Params) -> CardDraft:
    url = info.text("url")
    price_type = info.number("priceType")
    if not info.has("price"):
        raise ParameterWrong("price must not be empty", field="price")
    return CardDraft(
        name=info.text("name"),
        cover_media_id=info.text("coverImgUrl"),
        price_type=price_type,
        price_fen=read_price(info.amount_text("price") or "", field="price"),
        price2_fen=_second_price(info, price_type),
        url=url,
        third_party_appid=info.optional_text("thirdPartyAppid") or "",
        goods_key=info.optional_texts("goodsKey"),
    )


def _changes(info: Params) -> CardChanges:
    price_type = info.optional_number("priceType") or None  # 0: how some SDKs leave a field out
    price = None if info.get("price") == 0 else info.amount_text("price")
    return CardChanges(
        name=info.optional_text("name"),
        cover=info.optional_text("coverImgUrl"),
        price_type=price_type,
        price_fen=None if price is None else read_price(price, field="price"),
        price2_fen=_second_price(info, price_type),
        url=info.optional_text("url"),
        third_party_appid=info.optional_text("thirdPartyAppid"),
        goods_key=info.optional_texts("goodsKey"),
    )


def _second_price(info: Params, price_type: int | None) -> int | None:
    """The second price; beside a fixed price whatever stands there is ignored, and so is a bare 0, which SDKs
    send for nothing.
    """
    text = info.amount_text("price2")
    if text is None or price_type == PriceType.FIXED or info.get("price2") == 0:
        return None
    return read_price(text, field="price2")


ROUTES = (add, withdraw, resubmit, delete, update, set_key, get_key)
