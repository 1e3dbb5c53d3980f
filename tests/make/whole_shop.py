"""A shop in which there is one of everything that can be asked for by its number."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import insert, text

from liveshelf.accounts import people
from liveshelf.accounts import queries as accounts
from liveshelf.accounts.types import Operator, Role
from liveshelf.adapters.payments.merchants import simulated_number
from liveshelf.adapters.wecom.port import Corp, OnList
from liveshelf.aftersales.types import CaseKind
from liveshelf.billing._tables import billing_differences
from liveshelf.compliance import service as lexicon
from liveshelf.compliance.types import EntryKind
from liveshelf.customers import privacy
from liveshelf.customers import queries as customer_queries
from liveshelf.customers import service as customers
from liveshelf.entry import registry
from liveshelf.flows import address as address_flow
from liveshelf.kernel.actors import SYSTEM, Actor, ActorKind
from liveshelf.kernel.ids import AccountId, CustomerId, RoomId, ShopId, new_number
from liveshelf.orders import abnormal, shipping, titles
from liveshelf.orders.abnormal_kinds import AbnormalKind
from liveshelf.orders.papers import Invoice, InvoiceKind
from liveshelf.penalties import service as penalties
from liveshelf.penalties.types import Violation
from liveshelf.platform._tables import counters
from liveshelf.platform.db import Database, Tx
from liveshelf.platform.runtime import Runtime
from liveshelf.qualifications import employees, paperwork
from liveshelf.qualifications.files import PaperFile
from liveshelf.qualifications.types import PaperDraft, PaperKind
from liveshelf.rehearsals import service as rehearsals
from liveshelf.rehearsals.types import Wish
from liveshelf.rooms import assistants, claims, members, talk
from liveshelf.rooms.members import MemberRole
from liveshelf.shops import service as shops
from liveshelf.shops.types import FaultDraft, FaultKind
from liveshelf.stock import stocktake
from liveshelf.webhooks import queries as webhook_queries
from liveshelf.webhooks import service as webhooks
from liveshelf.webhooks.types import Message, Sender
from tests.make import papers
from tests.make.accounts import staff_session
from tests.make.aftersales import Desk
from tests.make.goods import cover, goods
from tests.make.order_work import sent_file
from tests.make.paying import till_of
from tests.make.rooms import ANCHOR, live_room
from tests.make.selling import Sold, guest, home, something
from tests.make.shops import MadeShop, a_shop

Id = int | str
FOREIGN_NAME = "别家的秘密"  # what the other shop is called: nobody else may ever read it
_COUNTED = ("goods", "product", "sku", "room", "customer", "address", "return_address", "stocktake", "stock_limit")


@dataclass
class Whole:
    """A shop, who works and buys there, and the numbers of its things by what they are called in paths and bodies."""

    made: MadeShop
    owner: str  # a session token
    buyer: str  # as above
    customer_id: CustomerId
    ids: dict[str, Id] = field(default_factory=dict)

    @property
    def shop(self) -> ShopId:
        return self.made.shop

    def buyers_cookie(self, at: ShopId | None = None) -> dict[str, str]:
        """The buyer's cookie, at this shop or carried to another."""
        return {"cookie": f"liveshelf_buyer_{at or self.shop}={self.buyer}"}


async def whole_shop(runtime: Runtime, name: str, *, numbers_from: int) -> Whole:
    """A shop with one of everything, its small numbers counted from `numbers_from`: no other shop has these.

    Every text that anybody can read in it contains its name.
    """
    db = runtime.db
    made = await a_shop(db, name)
    shop = made.shop
    async with db.engine.begin() as conn:
        rows = [{"shop_id": shop, "kind": kind, "value": numbers_from} for kind in _COUNTED]
        await conn.execute(insert(counters), rows)
    desk = Desk(db, shop, till_of(runtime), runtime.keys)
    sold = await something(db, shop, name=f"{name}的茶盏")
    room_id = await live_room(db, shop, [sold.goods_id], name=f"{name}的直播间")
    customer_id = await guest(db, shop)
    whole = Whole(made, await staff_session(runtime, shop, Role.OWNER), "", customer_id)
    ids = whole.ids
    await staff_session(runtime, shop, Role.CONTENT)
    ids |= {"product_id": sold.product_id, "sku_id": sold.sku_id, "goods_id": sold.goods_id, "room_id": room_id}
    ids["audit_id"] = (await goods(db, shop, sold.goods_id)).audit_id or 0
    ids |= {"customer_id": customer_id, "media_id": await cover(db, shop), "merchant": simulated_number(shop)}
    at_home = await home(db, shop, customer_id, street=f"{name}路 1 号")
    ids["address_id"] = at_home
    ids["return_address_id"] = await desk.address()
    paid = await desk.paid(sold, 2, who=customer_id)
    ids["order_id"] = paid.order_id
    ids["sent_order_id"] = (await desk.sent(sold, who=customer_id)).order_id
    case = await desk.apply(paid, CaseKind.REFUND, text=f"{name}的话")
    ids["aftersale_id"] = case.case_id
    flagged = await desk.paid(sold, 2, who=customer_id)
    packed = await desk.paid(sold, 2, who=customer_id)

    ids["penalty_id"] = await _warned(db, shop, name)
    ids["entry_id"] = await _own_word(db, shop)

    async def work(tx: Tx) -> None:
        ids.update(await _people(tx, name, room_id, customer_id))
        whole.buyer = await customers.start_session(tx, customer_id)
        ids["case_order_id"] = flagged.order_id
        ids["order_case_id"] = await abnormal.flag(
            tx, flagged.order_id, kind=AbnormalKind.BUYER_UNREACHABLE, note=f"{name}的备注"
        )
        ids["request_id"] = await address_flow.ask_change(
            tx, flagged.order_id, customer_id=customer_id, address_id=at_home
        )
        fault = await shops.add_fault(tx, made.appid, FaultDraft("goods.add", FaultKind.DELAY, None, 1, 1))
        ids["fault_id"] = fault.fault_id
        ids["stocktake_id"] = await stocktake.begin(tx, f"{name}的盘点")
        said = await talk.comment_as_anchor(tx, room_id, text=f"{name}欢迎", account_id=AccountId(41))
        ids["comment_id"] = said.comment_id
        ids.update(difference_id=await _found(tx), rehearsal_id=await _rehearsed(tx, room_id))
        ids["parcel_order_id"] = packed.order_id
        ids["copy_id"] = ids["privacy_id"] = await privacy.ask_copy(tx, customer_id)
        ids.update(paper_id=await _paper(tx, runtime), employee_id=await _employee(tx, runtime, name))
        ids.update(title_id=await title(tx, runtime, customer_id, name), round_id=await _claimable(tx, room_id, sold))
        parcel = await shipping.pack(tx, packed.order_id, carrier="SF", tracking_no="SF1234567890123")
        ids["parcel_id"] = parcel.parcel_id

    await db.write(ANCHOR, shop, work)
    sheet = f"订单编号,快递公司,运单号\n{paid.order_id},顺丰,SF1234567890124\n"
    ids["batch_id"] = await sent_file(runtime, shop, sheet.encode())
    return whole


async def _claimable(tx: Tx, room_id: RoomId, sold: Sold) -> int:
    """A goods that may be claimed by comment."""
    opened = await claims.open_round(tx, room_id, sold.goods_id, keyword="1", buyer_max=2, hold_s=180)
    return opened.round_id


async def _rehearsed(tx: Tx, room_id: RoomId) -> int:
    return (await rehearsals.ask(tx, room_id, Wish(10), viewers_max=10)).rehearsal_id


async def _people(tx: Tx, name: str, room_id: RoomId, customer_id: CustomerId) -> dict[str, Id]:
    owner, other = await accounts.members(tx)
    inviter = Operator(SYSTEM, tx.shop, owner.account_id, name, frozenset(), Role.OWNER)
    made, _ = await people.invite(tx, inviter, role=Role.GOODS, note=f"{name}的同事")
    helper = f"wx_helper_{tx.shop}"
    await assistants.add(tx, room_id, [(helper, name)])
    await members.grant(tx, helper, MemberRole.OPERATOR)
    return {
        "account_id": other.account_id,
        "invite_id": made.invite_id,
        "wechat_id": helper,
        **await _pushed(tx, customer_id),
    }


async def _paper(tx: Tx, runtime: Runtime) -> int:
    kind = PaperKind.CORPORATE_ACCOUNT
    draft = PaperDraft(kind, papers.number(kind, int(tx.shop)), None)
    file = PaperFile(papers.pdf(), "application/pdf", 1)
    return await paperwork.hand_in(tx, runtime.keys, draft, file=file, sha256="0" * 64)


async def _employee(tx: Tx, runtime: Runtime, name: str) -> int:
    corp = Corp(f"ww{tx.shop:016d}", "s" * 43)
    await employees.bind(tx, runtime.keys, corp)
    await employees.take_list(tx, runtime.keys, corp, [OnList("lisi", f"{name}的李四")])
    (found,) = (await employees.page(tx, runtime.keys)).items
    return found.employee_id


async def title(tx: Tx, runtime: Runtime, customer_id: CustomerId, name: str) -> int:
    """An invoice title that a customer keeps."""
    said = Invoice(InvoiceKind.PERSONAL, f"{name}先生", "", "")
    return await titles.keep(tx, customer_id, titles.seal_title(runtime.keys, said))


async def customers_things(runtime: Runtime, of: Whole, name: str) -> dict[str, Id]:
    """The numbers of what another customer of the same shop has."""
    desk = Desk(runtime.db, of.shop, till_of(runtime), runtime.keys)
    sold = await something(runtime.db, of.shop, name=f"{name}的茶壶")
    who = await guest(runtime.db, of.shop)
    paid = await desk.paid(sold, who=who)
    case = await desk.apply(paid, CaseKind.REFUND, text=f"{name}的话")
    address_id = await home(runtime.db, of.shop, who, street=f"{name}路 2 号")
    sent = await desk.sent(sold, who=who)
    title_id = await runtime.db.write(SYSTEM, of.shop, lambda tx: title(tx, runtime, who, name))
    return {
        "title_id": title_id,
        "copy_id": await runtime.db.write(SYSTEM, of.shop, lambda tx: privacy.ask_copy(tx, who)),
        "order_id": paid.order_id,
        "sent_order_id": sent.order_id,
        "aftersale_id": case.case_id,
        "address_id": address_id,
    }


async def _own_word(db: Database, shop: ShopId) -> int:
    """A word that only this shop does not want."""

    async def work(tx: Tx) -> int:
        added = await lexicon.add(tx, EntryKind.WORD, class_id="absolute", word="霸榜", reason="本店规则")
        return added.entry_id

    return await db.write(SYSTEM, shop, work)


async def _warned(db: Database, shop: ShopId, name: str) -> int:
    async def impose(tx: Tx) -> int:
        violation = Violation("ad_unmarked", f"{name}的口播", tx.now)
        return (await penalties.impose(tx, violation)).penalty_id

    return await db.write(Actor(ActorKind.REVIEWER, "901"), shop, impose)


async def _found(tx: Tx) -> int:
    number = new_number()
    facts = _difference(number, simulated_number(tx.shop))
    await tx.execute(insert(billing_differences).values(shop_id=tx.shop, found_at=tx.now, **facts))
    return number


async def _pushed(tx: Tx, customer_id: CustomerId) -> dict[str, Id]:
    openid = (await customer_queries.customers(tx, [customer_id]))[customer_id].openid
    told = Message("whole", "wxalive_follow_notify", "FollowNotify", openid, tx.now, {"room_id": 1}, customer_id)
    await webhooks.tell(tx, [told], Sender("wx0", "gh_0"))
    (found,) = (await webhook_queries.deliveries(tx)).items
    return {"delivery_id": found.delivery_id, "openid": openid}


def _difference(difference_id: int, merchant: str) -> dict[str, Any]:
    return {
        "difference_id": difference_id,
        "merchant": merchant,
        "day": date(2026, 1, 5),
        "kind": "ours_only",
        "what": "payment",
        "number": str(difference_id),
        "ours_fen": 5,
        "theirs_fen": None,
        "reason": "",
    }


async def content(db: Database, shop: ShopId) -> dict[str, str]:
    """A digest of every row of a shop, table by table."""
    tables = [name for name, table in registry.tables().tables.items() if "shop_id" in table.columns]
    parts = [
        f"SELECT '{name}' AS name, coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') AS sum"
        f" FROM {name} t WHERE shop_id = {shop}"
        for name in tables
    ]
    async with db.engine.connect() as conn:
        return {row.name: row.sum for row in (await conn.execute(text(" UNION ALL ".join(parts)))).all()}
