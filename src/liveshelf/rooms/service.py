"""Commands: plan rooms, run them, and change what stands on their shelves.

Every command that changes what a page shows locks the room's row, gives each change the room's next number and emits
it, all in the caller's transaction: the order of the numbers is the order of the commits.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import cast

from liveshelf.goods import queries as goods_queries
from liveshelf.goods import service as goods
from liveshelf.goods.types import AuditState, LiveGoods
from liveshelf.kernel.ids import GoodsId, RoomId
from liveshelf.platform.db import Tx
from liveshelf.qualifications import reach
from liveshelf.rooms import _line, _pins, _plan, _sql, approval, queries, rules
from liveshelf.rooms.errors import (
    GoodsBeingPushed,
    GoodsNotApproved,
    GoodsOffSale,
    GoodsUnknown,
    PushRunning,
    RoomFull,
    RoomStateRefuses,
    ShelfSortedMeanwhile,
)
from liveshelf.rooms.events import (
    OnSaleChanged,
    PriceChanged,
    RoomCreated,
    RoomDeleted,
    ShelfAdded,
    ShelfRemoved,
    ShelfSorted,
    StateChanged,
    stream_of,
)
from liveshelf.rooms.queries import Place
from liveshelf.rooms.types import ON_AIR, OPEN, OVERRUN, ROOM, SHELF_MAX, Room, RoomChanges, RoomDraft, RoomState
from liveshelf.trail import service as trail

_NO_LEAD = timedelta(
    minutes=-10
)  # in the console a broadcast may be planned to begin now, and filling in the form takes a while


async def create(tx: Tx, draft: RoomDraft, *, lead: timedelta = _NO_LEAD) -> Room:
    """Plan a room, which waits for its review. It starts later than `lead` from now.

    Raises `LivePermissionMissing`, `ShopBlocked`, `RoomNameInvalid`, `RoomNameRefused`, `AnchorNameInvalid`,
    `AnchorNameRefused`,
    `RoomTextNotPlain`, `AnchorWechatInvalid`, `SubAnchorWechatInvalid`, `CreatorWechatInvalid`, `RoomTimesInvalid`,
    `CoverRefused`, `ShareRefused`, `FeedsRefused`, `AnchorUnverified`, `SubAnchorUnverified`.
    """
    columns = await _plan.columns_of_draft(tx, draft, lead)
    room_id = RoomId(await tx.next_number("room"))
    await tx.execute(_sql.INSERT_ROOM.values(shop_id=tx.shop, room_id=room_id, **columns))
    tx.emit(RoomCreated(room_id=room_id), stream=stream_of(room_id))
    trail.record(tx, "rooms.create", f"room:{room_id}", name=draft.name)
    return await approval.begin(tx, cast("Room", await queries.room(tx, room_id)))


async def edit(tx: Tx, room_id: RoomId, changes: RoomChanges, *, lead: timedelta = _NO_LEAD) -> Room:
    """Change a room's plan, while it is scheduled. A start that does not change is not judged again; what buyers see of
    an approved room waits for its review (`approval`).

    Raises `RoomMissing`, `RoomStateRefuses` and what `create` raises.
    """
    room = await _line.locked(tx, room_id)
    if room.state is not RoomState.SCHEDULED:
        raise RoomStateRefuses(state=room.state.value)
    columns = await _plan.columns_of_changes(tx, room, changes, lead)
    trail.record(tx, "rooms.edit", f"room:{room_id}", fields=sorted(columns))
    columns, said = await approval.edited(tx, room, columns)
    return await _line.tell(tx, room, said, **columns)


async def delete(tx: Tx, room_id: RoomId) -> None:
    """Delete a room that is not on air. Its number is never used again. Raises `RoomMissing`, `RoomStateRefuses`."""
    room = await _line.locked(tx, room_id)
    if room.state in ON_AIR:
        raise RoomStateRefuses(state=room.state.value)
    await approval.withdraw(tx, room)
    await _line.tell(tx, room, RoomDeleted(), deleted_at=tx.now)
    trail.record(tx, "rooms.delete", f"room:{room_id}", name=room.name)


async def start(tx: Tx, room_id: RoomId) -> Room:
    """Go on air; earlier than planned is allowed, later than the planned end is not. Raises `RoomMissing`,
    `RoomStateRefuses`, `RoomNotApproved`.
    """
    room = await _line.locked(tx, room_id)
    if room.state is not RoomState.SCHEDULED or room.ends_at <= tx.now:
        raise RoomStateRefuses(state=room.state.value)
    approval.must_be_given(room)
    return await _move(tx, room, RoomState.LIVE, started_at=tx.now)


async def pause(tx: Tx, room_id: RoomId) -> Room:
    """Interrupt the broadcast. Raises `RoomMissing`, `RoomStateRefuses`."""
    return await _move(tx, await _line.locked(tx, room_id), RoomState.PAUSED, is_paused_by_picture=False)


async def resume(tx: Tx, room_id: RoomId) -> Room:
    """Go on after a pause or a fault. Raises `RoomMissing`, `RoomStateRefuses`."""
    room = await _line.locked(tx, room_id)
    if room.state not in ON_AIR:
        raise RoomStateRefuses(state=room.state.value)
    return await _move(tx, room, RoomState.LIVE)


async def end(tx: Tx, room_id: RoomId) -> Room:
    """End the broadcast; nothing is pushed any more. Raises `RoomMissing`, `RoomStateRefuses`."""
    return await _end(tx, await _line.locked(tx, room_id))


async def ban(tx: Tx, room_id: RoomId) -> Room:
    """Stop a broadcast for good because the rules were broken. Raises `RoomMissing`, `RoomStateRefuses`."""
    room = await _line.locked(tx, room_id)
    if room.state in ON_AIR:
        room = await _end(tx, room)
    return await _move(tx, room, RoomState.BANNED)


async def settle_due(tx: Tx, limit: int) -> int:
    """Expire rooms that were never started, and end broadcasts that ran over (`OVERRUN`). Returns how many."""
    due = await tx.all(_sql.DUE, now=tx.now, overrun=tx.now - OVERRUN, most=limit)
    for row in due:
        room = queries.as_room(row)
        if room.state is RoomState.SCHEDULED:
            await approval.withdraw(tx, room)
            await _move(tx, room, RoomState.EXPIRED)
        else:
            await _end(tx, room)
    return len(due)


async def put_on_shelf(tx: Tx, room_id: RoomId, goods_ids: Sequence[GoodsId]) -> None:
    """Add approved goods at the shelf's end, in the given order. What is already there stays as it is.

    Raises `RoomMissing`, `RoomStateRefuses`, `GoodsUnknown`, `GoodsNotApproved`, `GoodsExpired`, `RoomFull`; then
    nothing is added.
    """
    asked = list(dict.fromkeys(goods_ids))
    # The goods first, as whoever changes or deletes goods does: they can't lose their approval until this commits.
    known = {one.goods_id: one for one in await goods.hold_still(tx, asked)}
    room = await _line.opened(tx, room_id)
    for goods_id in asked:
        if goods_id not in known:
            raise GoodsUnknown(goods_id=goods_id)
        if known[goods_id].audit_state is not AuditState.APPROVED:
            raise GoodsNotApproved(goods_id=goods_id)
        rules.check_valid(known[goods_id], now=tx.now)
    await _must_cover(tx, known.values())
    present = await queries.places(tx, room_id)
    new = [goods_id for goods_id in asked if goods_id not in {place.goods_id for place in present}]
    if len(present) + len(new) > SHELF_MAX:
        raise RoomFull(most=SHELF_MAX)
    if not new:
        return
    after = max((place.position for place in present), default=0)
    numbers = rules.next_numbers([place.number for place in present], len(new))
    added = [
        Place(goods_id, after + at, on_sale=True, number=number)
        for at, (goods_id, number) in enumerate(zip(new, numbers, strict=True), 1)
    ]
    rows = [
        {
            "shop_id": tx.shop,
            "room_id": room_id,
            "goods_id": place.goods_id,
            "position": place.position,
            "on_sale": True,
            "number": place.number,
            "added_at": tx.now,
        }
        for place in added
    ]
    await tx.conn.execute(_sql.INSERT_SHELF, rows)
    await _line.tell(tx, room, ShelfAdded(items=await queries.shelf_items(tx, added)))
    trail.record(tx, "rooms.put_on_shelf", f"room:{room_id}", goods_ids=[int(one) for one in new])


async def take_off(tx: Tx, room_id: RoomId, goods_id: GoodsId) -> None:
    """Take a goods off the shelf, and off the screen when it is pushed. Raises `RoomMissing`, `RoomStateRefuses`,
    `GoodsNotInRoom`, `GoodsUnknown`.
    """
    room = await _line.opened(tx, room_id)
    await _line.place_of(tx, room_id, goods_id)
    await _remove(tx, room, goods_id)
    trail.record(tx, "rooms.take_off", f"room:{room_id}", goods_id=goods_id)


async def take_off_in_turn(tx: Tx, room_id: RoomId, goods_id: GoodsId) -> None:
    """As `take_off`, for callers that can't take a push back: while this goods' push runs, `PushRunning`."""
    room = await _line.opened(tx, room_id)
    left = rules.push_runs_for(room, tx.now)
    if room.pushed_goods_id == goods_id and left > timedelta():
        raise PushRunning(retry_after_s=_line.seconds(left))
    await take_off(tx, room_id, goods_id)


async def _must_cover(tx: Tx, cards: Iterable[LiveGoods]) -> None:
    """A service provider's person puts only goods of authorised categories on a shelf, an employee as long as they are
    on the list. Raises as `reach.must_cover`.
    """
    if tx.actor.kind in reach.GUESTS:
        found = await goods_queries.products(tx, [card.product_id for card in cards])
        await reach.must_cover(tx, *(one.category for one in found.values()))


async def take_off_everywhere(tx: Tx, goods_id: GoodsId) -> None:
    """Take a goods off every shelf of the shop, in step with what makes it unfit (deleted, not approved any more)."""
    for row in await tx.all(_sql.LOCK_ROOMS_WITH, goods=goods_id):
        await _remove(tx, queries.as_room(row), goods_id)
    await tx.execute(_sql.DELETE_EVERYWHERE, goods=goods_id)


async def sell_no_more(tx: Tx, goods_id: GoodsId) -> None:
    """Leave a goods on the shelves it is on and sell it on none of them, not pushed either: its validity is over."""
    for row in await tx.all(_sql.LOCK_ROOMS_WITH, goods=goods_id):
        room = queries.as_room(row)
        for place in await queries.places(tx, room.room_id):
            if place.goods_id != goods_id or not place.on_sale:
                continue
            room = await _pins.drop(tx, room, [goods_id])
            await _set_on_sale(tx, room, replace(place, on_sale=False))


async def price_changed(tx: Tx, changed: LiveGoods) -> None:
    """Tell the rooms that may still sell the goods its new price tag. Rooms that are over are read fresh, and not
    told.
    """
    tag = PriceChanged(
        goods_id=changed.goods_id,
        price_type=int(changed.price_type),
        price_fen=changed.price_fen,
        price2_fen=changed.price2_fen,
    )
    for row in await tx.all(_sql.LOCK_ROOMS_WITH, goods=changed.goods_id):
        if (room := queries.as_room(row)).state in OPEN:
            await _line.tell(tx, room, tag)


async def goods_changed(tx: Tx, goods_id: GoodsId) -> None:
    """Tell the rooms that may still sell the goods all of its item anew: its SKUs, name or picture changed."""
    for row in await tx.all(_sql.LOCK_ROOMS_WITH, goods=goods_id):
        room = queries.as_room(row)
        at = [place for place in await queries.places(tx, room.room_id) if place.goods_id == goods_id]
        if room.state in OPEN and at:
            await _line.tell(tx, room, ShelfAdded(items=await queries.shelf_items(tx, at)))


async def sort(tx: Tx, room_id: RoomId, goods_ids: Sequence[GoodsId], *, seen: int | None = None) -> None:
    """Put the named goods first, in this order; the others follow as they stood. `seen` is the number of the room that
    the order was made from: whoever sorted since is not overruled unseen.

    Raises `RoomMissing`, `RoomStateRefuses`, `SortEmpty`, `GoodsNotInRoom`, `ShelfSortedMeanwhile`.
    """
    room = await _line.opened(tx, room_id)
    if seen is not None and await _line.happened(tx, room, ShelfSorted, since=seen):
        raise ShelfSortedMeanwhile(room_id=room_id)
    present = await queries.places(tx, room_id)
    order = rules.sorted_shelf([place.goods_id for place in present], goods_ids)
    if await _order(tx, room, present, order) is room:
        return
    trail.record(tx, "rooms.sort", f"room:{room_id}", goods_ids=[int(one) for one in order])


async def put_on_sale(tx: Tx, room_id: RoomId, goods_id: GoodsId) -> None:
    """Let a goods of the shelf be bought. Raises `RoomMissing`, `RoomStateRefuses`, `GoodsNotInRoom`,
    `GoodsUnknown`, `GoodsExpired`.
    """
    known = await goods.hold_still(tx, [goods_id])
    room = await _line.opened(tx, room_id)
    place = await _line.place_of(tx, room_id, goods_id)
    if not place.on_sale:
        for one in known:
            rules.check_valid(one, now=tx.now)
        await _set_on_sale(tx, room, replace(place, on_sale=True))


async def take_off_sale(tx: Tx, room_id: RoomId, goods_id: GoodsId) -> None:
    """Keep a goods on the shelf without selling it; what remains of its push goes too.

    Raises `RoomMissing`, `RoomStateRefuses`, `GoodsNotInRoom`, `GoodsUnknown`, and `GoodsBeingPushed` while its push
    runs.
    """
    room = await _line.opened(tx, room_id)
    place = await _line.place_of(tx, room_id, goods_id)
    if not place.on_sale:
        return
    if room.pushed_goods_id == goods_id and (left := rules.push_runs_for(room, tx.now)) > timedelta():
        raise GoodsBeingPushed(goods_id=goods_id, retry_after_s=_line.seconds(left))
    room = await _pins.drop(tx, room, [goods_id])
    await _set_on_sale(tx, room, replace(place, on_sale=False))


async def push(tx: Tx, room_id: RoomId, goods_id: GoodsId) -> None:
    """Show a goods on top of the broadcast, in front of what is shown there; the oldest goes when there would be more
    than `PINNED_MAX`.

    Raises `RoomMissing`, `RoomStateRefuses` unless the room is live, `GoodsNotInRoom`, `GoodsUnknown`, `GoodsOffSale`.
    """
    room = await _line.locked(tx, room_id)
    if room.state is not RoomState.LIVE:
        raise RoomStateRefuses(state=room.state.value)
    if not (await _line.place_of(tx, room_id, goods_id)).on_sale:
        raise GoodsOffSale(goods_id=goods_id)
    await _pins.show(tx, room, goods_id)
    trail.record(tx, "rooms.push", f"room:{room_id}", goods_id=goods_id)


async def push_in_turn(tx: Tx, room_id: RoomId, goods_id: GoodsId) -> None:
    """As `push`, for callers that do not see the room: while another goods' push runs (`PUSH_RUNS`), `PushRunning`."""
    room = await _line.locked(tx, room_id)
    left = rules.push_runs_for(room, tx.now)
    if room.state is RoomState.LIVE and room.pushed_goods_id != goods_id and left > timedelta():
        raise PushRunning(retry_after_s=_line.seconds(left))
    await push(tx, room_id, goods_id)


async def unpush(tx: Tx, room_id: RoomId) -> None:
    """Take all that is pushed off the screen. Nothing pushed is no error. Raises `RoomMissing`."""
    await _pins.drop(tx, await _line.locked(tx, room_id))


async def unpin(tx: Tx, room_id: RoomId, goods_id: GoodsId) -> None:
    """Take one of the pushed goods off the screen. One that is not there is no error. Raises `RoomMissing`,
    `GoodsNotInRoom`, `GoodsUnknown`.
    """
    room = await _line.locked(tx, room_id)
    await _line.place_of(tx, room_id, goods_id)
    await _pins.drop(tx, room, [goods_id])


async def _move(tx: Tx, room: Room, becomes: RoomState, **columns: object) -> Room:
    if not ROOM.allows(room.state, becomes):
        raise RoomStateRefuses(state=room.state.value)
    trail.record(tx, f"rooms.{becomes.value}", f"room:{room.room_id}", was=room.state.value)
    return await _line.tell(tx, room, StateChanged(state=becomes.value), state=becomes, **columns)


async def _end(tx: Tx, room: Room) -> Room:
    if ROOM.allows(room.state, RoomState.ENDED):
        room = await _pins.drop(tx, room)
    return await _move(tx, room, RoomState.ENDED, ended_at=tx.now)


async def _remove(tx: Tx, room: Room, goods_id: GoodsId) -> None:
    await tx.execute(_sql.DELETE_SHELF, room=room.room_id, goods=[goods_id])
    left = await queries.places(tx, room.room_id)
    front = _pins.in_front(room, queries.pinned(left))
    room = await _line.tell(tx, room, ShelfRemoved(goods_ids=[goods_id]), **front)
    if room.state is RoomState.SCHEDULED:
        await _order(tx, room, left, [place.goods_id for place in left])


async def _order(tx: Tx, room: Room, present: Sequence[Place], order: Sequence[GoodsId]) -> Room:
    """Give the shelf this order, and, until the broadcast begins, the numbers of its places: what the host has said
    once keeps its number. The same room when nothing changes.
    """
    at = {goods_id: place for place, goods_id in enumerate(order, 1)}
    fixed = room.state is not RoomState.SCHEDULED
    numbers = {place.goods_id: place.number if fixed else at[place.goods_id] for place in present}
    wanted = {place.goods_id: (at[place.goods_id], numbers[place.goods_id]) for place in present}
    moved = [
        {
            "b_shop": tx.shop,
            "b_room": room.room_id,
            "b_goods": place.goods_id,
            "b_position": position,
            "b_number": number,
        }
        for place in present
        for position, number in [wanted[place.goods_id]]
        if (place.position, place.number) != (position, number)
    ]
    if not moved:
        return room
    await tx.conn.execute(_sql.SET_POSITION, moved)
    event = ShelfSorted(goods_ids=[int(one) for one in order], numbers=[numbers[one] for one in order])
    return await _line.tell(tx, room, event)


async def _set_on_sale(tx: Tx, room: Room, place: Place) -> None:
    await tx.execute(
        _sql.SET_ON_SALE, b_shop=tx.shop, b_room=room.room_id, b_goods=place.goods_id, b_on_sale=place.on_sale
    )
    item = (await queries.shelf_items(tx, [place]))[0] if place.on_sale else None
    await _line.tell(tx, room, OnSaleChanged(goods_id=place.goods_id, on_sale=place.on_sale, item=item))
    action = "rooms.put_on_sale" if place.on_sale else "rooms.take_off_sale"
    trail.record(tx, action, f"room:{room.room_id}", goods_id=place.goods_id)
