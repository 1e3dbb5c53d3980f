"""What can go wrong with parcels."""

from __future__ import annotations

from liveshelf.kernel.errors import Conflict, Invalid, Missing


class CarrierUnknown(Invalid):
    """No carrier has this code or name."""

    code = "fulfilment.carrier_unknown"
    title = "This carrier is not known."


class TrackingInvalid(Invalid):
    """The carrier's numbers do not look like this. `carrier` names it."""

    code = "fulfilment.tracking_invalid"
    title = "This is no tracking number of the carrier."


class ParcelUnknown(Missing):
    """No such parcel of this order."""

    code = "fulfilment.parcel_unknown"
    title = "There is no such parcel."


class ParcelGone(Conflict):
    """The carrier has the parcel, or it was undone: nothing about it can be changed any more."""

    code = "fulfilment.parcel_gone"
    title = "This parcel was handed over or undone."


class PiecesTooMany(Invalid):
    """More pieces than are left to pack. `sku_id` names of what, `left` how many there are."""

    code = "fulfilment.pieces_too_many"
    title = "So many pieces are not left to pack."


class LabelVoid(Conflict):
    """The label shows an address that was changed since it was printed."""

    code = "fulfilment.label_void"
    title = "The address changed after this label was printed. Issue it again first."


class CodeInvalid(Invalid):
    """A redeem code is empty, too long, or not plain text."""

    code = "fulfilment.code_invalid"
    title = "A code has 1 to 200 plain characters."


class CodeSkuUnfit(Invalid):
    """Codes are for goods that need no parcel. `sku_id` names what is none of these."""

    code = "fulfilment.code_sku_unfit"
    title = "This SKU is not known, or is shipped in a parcel."
