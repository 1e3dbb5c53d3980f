"""The demo shop's staff at work: goods listed and reviewed, broadcasts planned and begun, a few buyers and orders."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from liveshelf.adapters.payments.simulator import SimulatedPayments, token_of
from liveshelf.adapters.payments.simulator_beside import beside
from liveshelf.customers import addresses, postal
from liveshelf.customers import queries as customer_queries
from liveshelf.customers import service as customers
from liveshelf.customers.types import Buyer, Customer, customer_actor
from liveshelf.entry.demo import cases, enterprise, errands, pictures, stockroom
from liveshelf.entry.demo.catalogue import (
    ADDRESSES,
    ANCHOR_COMMENT,
    BROADCASTS,
    BUYERS,
    COMMENTS,
    IN_CART,
    REJECTION,
    SALES,
    WARES,
    Broadcast,
    Choice,
    Outcome,
    Sale,
    Ware,
)
from liveshelf.entry.demo.posters import poster
from liveshelf.flows import cart, casework, catalog, checkout, go_live, listing, pay, review, upload
from liveshelf.goods import queries as goods_queries
from liveshelf.goods.types import AuditState, CardDraft, LiveGoods, Origin, ProductDraft, SkuDraft, Spec
from liveshelf.kernel.actors import SYSTEM, Actor, ActorKind
from liveshelf.kernel.ids import AccountId, AuditId, OrderId, RoomId, ShopId
from liveshelf.media.types import Media
from liveshelf.orders import queries as order_queries
from liveshelf.orders import service as orders
from liveshelf.orders.types import OrderState
from liveshelf.platform.db import Tx
from liveshelf.platform.runtime import Runtime
from liveshelf.qualifications import categories
from liveshelf.reviews import queries as review_queries
from liveshelf.reviews.types import CaseState, Stage, Verdict
from liveshelf.rooms import queries as room_queries
from liveshelf.rooms import service as rooms
from liveshelf.rooms import talk
from liveshelf.rooms.types import Room, RoomAudit, RoomDraft, RoomState

T = TypeVar("T")

_IN_TEST = ("celadon", "gaiwan", "notebook")
_POSTERS = {"cover": (1080, 1920, 86), "share": (800, 640, 84), "feeds": (800, 800, 72)}
_ROOMS_SEEN = 100


@dataclass(frozen=True, slots=True)
class Staff:
    """Who does what in the demo shop."""

    operator: AccountId
    anchor: AccountId
    reviewer: AccountId
    service: AccountId
    appid: str


class Shopkeeper:
    """Works in one shop. `small` makes three goods with small pictures, and no room covers, comments or orders."""

    def __init__(self, runtime: Runtime, shop: ShopId, staff: Staff, *, small: bool) -> None:
        self._runtime = runtime
        self._shop = shop
        self._staff = staff
        self._small = small
        self._operator = Actor(ActorKind.STAFF, str(staff.operator))
        self._wares = tuple(ware for ware in WARES if not small or ware.look in _IN_TEST)

    async def stock_up(self) -> None:
        """List the goods that are missing, and bring each to where its review should stand."""
        known = await self._library()
        missing = [ware for ware in self._wares if ware.name not in known]
        # Two threads draw ahead while earlier goods are being listed; Pillow works outside the interpreter's lock.
        studio = ThreadPoolExecutor(2, thread_name_prefix="studio")
        try:
            loop = asyncio.get_running_loop()
            drawn = {ware.look: loop.run_in_executor(studio, self._photograph, ware.look) for ware in missing}
            for ware in missing:
                await self._list(ware, drawn[ware.look])
        finally:
            studio.shutdown(wait=False, cancel_futures=True)  # a start that is stopped waits for no picture
        for ware in self._wares:
            await self._review(ware)

    async def broadcast(self, *, again_only: bool) -> RoomId | None:
        """Plan the broadcasts that are missing, or whose time has passed; `again_only` leaves alone what was deleted.

        Returns the room that is to be watched.
        """
        watch = None
        for plan in BROADCASTS:
            room = await self._latest(plan.name)
            async with self._runtime.db.read(self._shop) as tx:
                over = room is not None and room.ends_at <= tx.now
            if over or (room is None and not again_only):
                room = await self._plan(plan, before=room)
            if room is not None and room.audit_state is RoomAudit.IN_AUDIT and room.audit_id is not None:
                await self._see(room.audit_id)
            if room is not None and plan.live:
                await self._go_live(room.room_id)
                watch = room.room_id
        return watch

    async def liven_up(self, room_id: RoomId | None) -> None:
        """Buyers, and what they said and bought."""
        buyers = await self._buyers()
        if room_id is None or self._small:
            return
        async with self._runtime.db.read(self._shop) as tx:
            quiet = not (found := await room_queries.snapshot(tx, room_id)) or not found.comments
        if quiet:
            await self._write(SYSTEM, lambda tx: _talk(tx, room_id, buyers, self._staff.anchor))
            await self._fill_cart(buyers[0])
        for number, sale in enumerate(SALES, 1):
            await self._sell(sale, f"demo-sale-{number}", buyers[sale.buyer], room_id)
        await self._write(self._operator, stockroom.arrange)
        await enterprise.bind(self._runtime, self._operator, self._shop)
        if self._runtime.settings.simulated_payment:
            await self._quarrel(buyers, room_id)
            await self._run_errands(buyers, room_id)

    async def _quarrel(self, buyers: Sequence[Customer], room_id: RoomId) -> None:
        await cases.keep_address(self._runtime, self._shop, self._operator)
        clerk = Actor(ActorKind.STAFF, str(self._staff.service))
        for number, plan in enumerate(cases.DISPUTES, 1):
            order_id = await self._sell(plan.sale, f"demo-case-{number}", buyers[plan.sale.buyer], room_id)
            if order_id is None:
                continue
            async with self._runtime.db.read(self._shop) as tx:
                order = await order_queries.order(tx, order_id)
            if order.state is OrderState.TO_SHIP:
                await cases.open_case(self._runtime, self._shop, order, plan, clerk=clerk)

    async def _run_errands(self, buyers: Sequence[Customer], room_id: RoomId) -> None:
        clerk = Actor(ActorKind.STAFF, str(self._staff.service))
        runner = errands.Errands(self._runtime, self._shop, self._operator, clerk)
        for number, errand in enumerate(errands.ERRANDS, 1):
            order_id = await self._sell(errand.sale, f"demo-errand-{number}", buyers[errand.sale.buyer], room_id)
            if order_id is None:
                continue
            async with self._runtime.db.read(self._shop) as tx:
                order = await order_queries.order(tx, order_id)
            await runner.run(order, errand)

    async def _library(self) -> dict[str, LiveGoods]:
        async with self._runtime.db.read(self._shop) as tx:
            pages = [await goods_queries.live_goods_page(tx, state, 0, 100) for state in AuditState]
        return {one.name: one for page in pages for one in page}

    def _photograph(self, look: str) -> tuple[list[bytes], bytes]:
        if self._small:
            cover = pictures.shot(look, side=pictures.COVER_SIDE)
            return [cover], cover
        takes = range(len(pictures.LOOKS[look].papers))
        taken = [self._drawn(f"{look}-{take}.jpg", partial(pictures.shot, look, take)) for take in takes]
        return taken, pictures.cover(taken[0])

    def _drawn(self, name: str, draw: Callable[[], bytes]) -> bytes:
        """A picture, drawn once for the data folder: a reset of the shop must not cost the drawing again."""
        path = self._runtime.settings.data_dir / "demo-pictures" / name
        if path.exists():
            return path.read_bytes()
        data = draw()
        path.parent.mkdir(exist_ok=True)
        draft = path.with_suffix(".new")
        draft.write_bytes(data)
        draft.replace(path)
        return data

    async def _list(self, ware: Ware, drawn: Awaitable[tuple[list[bytes], bytes]]) -> None:
        taken, cover = await drawn
        kept = [(await self._upload(one)).media_id for one in taken]
        cover_id = (await self._upload(cover)).media_id
        origin = Origin.API if ware.over_api else Origin.CONSOLE
        actor = Actor(ActorKind.CREDENTIAL, self._staff.appid) if ware.over_api else self._operator
        draft = ProductDraft(
            ware.title,
            ware.description,
            tuple(kept),
            ware.tags,
            tuple(map(_sku, ware.choices)),
            category=_category(ware),
        )

        async def work(tx: Tx) -> None:
            # Product and card in one transaction: a start that dies leaves both or none.
            product_id = await catalog.create_product(tx, draft)
            product = await goods_queries.product(tx, product_id)
            assert product is not None, "it was made in this transaction"  # noqa: S101
            proposed = await catalog.proposal(tx, product)
            tag = proposed.tag
            card = CardDraft(
                name=ware.name,
                cover_media_id=cover_id,
                price_type=tag.price_type,
                price_fen=tag.price_fen,
                price2_fen=tag.price2_fen,
                url=proposed.url,
                product_id=product_id,
            )
            await listing.add_and_submit(tx, card, origin=origin)

        await self._write(actor, work)

    async def _upload(self, data: bytes) -> Media:
        return await upload.upload(self._runtime, self._operator, self._shop, data)

    async def _review(self, ware: Ware) -> None:
        one = (await self._library()).get(ware.name)
        if one is None or one.audit_state is not AuditState.IN_AUDIT or one.audit_id is None:
            return
        goods_id, audit_id = one.goods_id, one.audit_id
        if ware.outcome is Outcome.WITHDRAWN:
            await self._write(self._operator, lambda tx: listing.withdraw(tx, goods_id, audit_id))
            return
        await review.machine_pass(self._runtime, self._shop, audit_id=audit_id)
        one = (await self._library()).get(ware.name)
        if ware.outcome is Outcome.WAITING or one is None or one.audit_state is not AuditState.IN_AUDIT:
            return
        verdict = Verdict(Stage.PERSON, passed=True)
        if ware.outcome is Outcome.REJECTED:
            verdict = Verdict(Stage.PERSON, passed=False, reasons=(REJECTION[0],), note=REJECTION[1])
        reviewer = Actor(ActorKind.REVIEWER, str(self._staff.reviewer))
        await self._write(reviewer, lambda tx: listing.decide(tx, audit_id, verdict))

    async def _see(self, audit_id: AuditId) -> None:
        """The two looks at a room."""
        await review.machine_pass(self._runtime, self._shop, audit_id=audit_id)
        reviewer = Actor(ActorKind.REVIEWER, str(self._staff.reviewer))
        async with self._runtime.db.read(self._shop) as tx:
            waits = (await review_queries.case(tx, audit_id)).state is CaseState.WAITING
        if waits:
            await self._write(reviewer, lambda tx: casework.decide(tx, audit_id, Verdict(Stage.PERSON, passed=True)))

    async def _latest(self, name: str) -> Room | None:
        async with self._runtime.db.read(self._shop) as tx:
            page = await room_queries.cards(tx, limit=_ROOMS_SEEN)
        return next((card.room for card in page.items if card.room.name == name), None)

    async def _plan(self, plan: Broadcast, *, before: Room | None) -> Room:
        media = {} if self._small else await self._posters(plan, before)
        approved = {
            one.name: one.goods_id for one in (await self._library()).values() if one.audit_state is AuditState.APPROVED
        }
        shelf = [
            approved[ware.name]
            for look in plan.shelf
            for ware in self._wares
            if ware.look == look and ware.name in approved
        ]

        async def work(tx: Tx) -> Room:
            starts_at = tx.now + plan.starts_in
            draft = RoomDraft(
                plan.name,
                starts_at,
                starts_at + plan.lasts,
                plan.anchor,
                cover_media_id=media.get("cover"),
                share_media_id=media.get("share"),
                feeds_media_id=media.get("feeds"),
            )
            room = await rooms.create(tx, draft)
            if shelf:
                await rooms.put_on_shelf(tx, room.room_id, shelf)
            return room

        return await self._write(self._operator, work)

    async def _posters(self, plan: Broadcast, before: Room | None) -> dict[str, str | None]:
        if before is not None:
            return {"cover": before.cover_media_id, "share": before.share_media_id, "feeds": before.feeds_media_id}
        made: dict[str, str | None] = {}
        for name, (width, height, quality) in _POSTERS.items():
            draw = partial(poster, plan.scene, width, height, quality=quality)
            data = await asyncio.to_thread(self._drawn, f"{plan.scene}-{name}.jpg", draw)
            made[name] = (await self._upload(data)).media_id
        return made

    async def _go_live(self, room_id: RoomId) -> None:
        async with self._runtime.db.read(self._shop) as tx:
            room = await room_queries.room(tx, room_id)
        if room is None or room.state is not RoomState.SCHEDULED:
            return

        async def work(tx: Tx) -> None:
            await go_live.start(tx, room_id)
            places = await room_queries.places(tx, room_id)
            if places:
                await rooms.push(tx, room_id, places[0].goods_id)

        await self._write(Actor(ActorKind.STAFF, str(self._staff.anchor)), work)

    async def _buyers(self) -> list[Customer]:
        async def work(tx: Tx) -> list[Customer]:
            known = {one.name: one for one in await customer_queries.demo_buyers(tx)}
            found = [
                known.get(name) or await customers.make_member(tx, name=name, phone=None, password_hash=None, demo=True)
                for name in BUYERS
            ]
            for one, draft in zip(found, ADDRESSES, strict=True):
                if not await addresses.book(tx, one.customer_id):
                    sealed = postal.keep_address(self._runtime.keys, postal.check_address(draft))
                    await addresses.add(tx, one.customer_id, sealed)
            return found

        return await self._write(SYSTEM, work)

    async def _sell(self, sale: Sale, request_id: str, customer: Customer, room_id: RoomId) -> OrderId | None:
        request = await self._request(sale, request_id, customer, room_id)
        if request is None:
            return None
        [outcome] = await self._write(SYSTEM, lambda tx: checkout.place_many(tx, [request]))
        if isinstance(outcome, checkout.Refused):
            return None
        order = outcome.order
        if order.state is not OrderState.TO_PAY:
            return order.order_id
        buyer = Buyer(self._shop, customer.customer_id, customer.name, customer.kind)
        if sale.cancelled:
            await self._write(buyer.actor, lambda tx: orders.cancel(tx, order.order_id, customer_id=buyer.customer_id))
        elif sale.paid and self._runtime.settings.simulated_payment:
            # Our own door is still closed: the simulator is asked inside, and a timer tells of it once it is open.
            inside = beside(self._runtime)
            started = await pay.start(inside, buyer, order.order_id, request_id=request_id)
            await SimulatedPayments(inside, heard=False).pay(token_of(started.pay_url))
            await pay.check(inside, self._shop, started.payment_id)
        return order.order_id

    async def _fill_cart(self, customer: Customer) -> None:
        names = {ware.look: ware.name for ware in self._wares}
        library = await self._library()
        for look, which, count in IN_CART:
            card = library.get(names.get(look, ""))
            if card is None or card.audit_state is not AuditState.APPROVED:
                continue
            async with self._runtime.db.read(self._shop) as tx:
                sku = (await goods_queries.skus(tx, [card.product_id]))[card.product_id][which]
            put = partial(cart.add, customer_id=customer.customer_id, sku_id=sku.sku_id, quantity=count)
            await self._write(customer_actor(customer.customer_id), put)

    async def _request(
        self, sale: Sale, request_id: str, customer: Customer, room_id: RoomId
    ) -> checkout.PlaceOrder | None:
        names = {ware.look: ware.name for ware in self._wares}
        library = await self._library()
        cards = [library.get(names.get(look, "")) for look, _, _ in sale.lines]
        found = [card for card in cards if card is not None and card.audit_state is AuditState.APPROVED]
        if len(found) < len(cards):
            return None
        async with self._runtime.db.read(self._shop) as tx:
            skus = await goods_queries.skus(tx, [card.product_id for card in found])
            book = await addresses.book(tx, customer.customer_id)
        chosen = [
            (skus[card.product_id][which], count) for card, (_, which, count) in zip(found, sale.lines, strict=True)
        ]
        return checkout.PlaceOrder(
            request_id,
            customer.customer_id,
            tuple((sku.sku_id, count) for sku, count in chosen),
            sum(sku.price_fen * count for sku, count in chosen),
            room_id,
            address_id=book[0].address_id,
        )

    async def _write(self, actor: Actor, work: Callable[[Tx], Awaitable[T]]) -> T:
        return await self._runtime.db.write(actor, self._shop, work)


def _sku(choice: Choice) -> SkuDraft:
    specs = tuple(Spec(name, value) for name, value in choice.specs)
    return SkuDraft(specs, choice.price_fen, choice.list_price_fen, stock=choice.stock)


async def _talk(tx: Tx, room_id: RoomId, buyers: Sequence[Customer], anchor: AccountId) -> None:
    for who, text in COMMENTS:
        await talk.comment(tx, room_id, text=text, customer_id=buyers[who].customer_id, name=buyers[who].name)
    await talk.comment_as_anchor(tx, room_id, text=ANCHOR_COMMENT, account_id=anchor)


def _category(ware: Ware) -> int | None:
    """Where a ware belongs, as its title says."""
    return next(iter(categories.advice(ware.title, None).better), None)
