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


class OrderNotToShip(Conflict):
    """Nothing of the order is to be shipped in its state. `state` says which."""

    code = "orders.not_to_ship"
    title = "This order is not to be shipped."


class NothingToShip(Conflict):
    """Every piece of the order is in a parcel already."""

    code = "orders.nothing_to_ship"
    title = "Everything of this order is in a parcel already."


class OrderNotToReceive(Conflict):
    """The order is not on its way, or not all of it. `state` says where it is."""

    code = "orders.not_to_receive"
    title = "This order is not on its way."


class ReceiptExtended(Conflict):
    """The time to confirm was extended before; once is all there is."""

    code = "orders.receipt_extended"
    title = "The time was extended already."


class PriceInvalid(Invalid):
    """A changed amount is below 1 fen or too large, or names a line that is not there. `field` says which."""

    code = "orders.price_invalid"
    title = "An order costs at least 0.01 yuan, and so does each line that is changed."


class ReasonInvalid(Invalid):
    """A reason or remark is empty, too long, or not plain text."""

    code = "orders.reason_invalid"
    title = "Write 1 to 200 plain characters."


class CaseUnknown(Missing):
    """No such case in this shop."""

    code = "orders.case_unknown"
    title = "There is no such case."


class AbnormalKindUnfit(Conflict):
    """This can't be wrong with an order in its state, or only the system can say so."""

    code = "orders.abnormal_unfit"
    title = "An order in this state can't be flagged with this."


class AbnormalTwice(Conflict):
    """The same is open for this order already."""

    code = "orders.abnormal_twice"
    title = "This is flagged already."


class AbnormalOver(Conflict):
    """The case was settled before, or its 24 hours are over."""

    code = "orders.abnormal_over"
    title = "This case is settled, or its time is over."


class AddressNotChangeable(Conflict):
    """Later than two hours after the order, not paid, or something of it was handed over."""

    code = "orders.address_not_changeable"
    title = "The address can be changed up to 2 hours after the order, and not once a parcel was handed over."


class PiecesStopped(Conflict):
    """The buyer has asked for the money of pieces in this parcel back. `sku_id` says of what."""

    code = "orders.pieces_stopped"
    title = "The buyer asked for the money back: unpack the parcel, or decide the case first."


class TitleUnknown(Missing):
    """No such invoice title of this buyer's."""

    code = "orders.title_unknown"
    title = "There is no such invoice title."


class AddressRequestOpen(Conflict):
    """The buyer's wish for another address waits for its answer."""

    code = "orders.address_request_open"
    title = "A change of the address waits for its answer."


class AddressRequestUnknown(Missing):
    """No such wish for another address."""

    code = "orders.address_request_unknown"
    title = "There is no such request."


class AddressRequestOver(Conflict):
    """The wish for another address has its answer, or was withdrawn."""

    code = "orders.address_request_over"
    title = "This request was answered or withdrawn."
