"""What can go wrong with orders."""

from __future__ import annotations

from liveshelf.kernel.errors import Conflict, Invalid, Missing


class OrderUnknown(Missing):
    """No such order, or none of this buyer's."""

    code = "orders.unknown"
    title = "There is no such order."


class OrderLimit(Invalid):
    """More lines, pieces or money than one order takes."""

    code = "orders.limit"
    title = "An order takes 1 to 20 different things, 1 to 99 pieces of each."


class PriceChanged(Conflict):
    """The buyer saw another total. `total_fen` is what it is now."""

    code = "orders.price_changed"
    title = "The price has changed. Look at it once more."


class OrderNotToPay(Conflict):
    """The order can't be paid or cancelled any more. `state` says why."""

    code = "orders.not_to_pay"
    title = "This order is no longer waiting to be paid."


class NotForSale(Missing):
    """No such thing is sold here, or not any more. `sku_id` or `goods_id` names it."""

    code = "orders.not_for_sale"
    title = "This is not for sale."


class NotOnAir(Conflict):
    """The room is not on air, or does not sell this at the moment. `sku_id` names what."""

    code = "orders.not_on_air"
    title = "The room does not sell this at the moment."
