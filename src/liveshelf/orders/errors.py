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


class AddressNeeded(Conflict):
    """The order is shipped and has no address yet: give it one, then pay."""

    code = "orders.address_needed"
    title = "Say where the order goes, then pay."


class NoteInvalid(Invalid):
    """The note is too long or has characters that can't be kept."""

    code = "orders.note_invalid"
    title = "A note has at most 200 characters."


class InvoiceInvalid(Invalid):
    """What the invoice is to say breaks a rule. `field` says which part."""

    code = "orders.invoice_invalid"
    title = "An invoice needs a title; a company's also its 18-character tax number."


class CartFull(Conflict):
    """The cart takes no more different things. `most` says how many it takes."""

    code = "orders.cart_full"
    title = "The cart is full. Take something out first."


class CartLineUnknown(Missing):
    """This is not in the cart (any more)."""

    code = "orders.cart_line_unknown"
    title = "This is not in the cart any more."
