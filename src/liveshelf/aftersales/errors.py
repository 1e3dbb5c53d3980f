"""What can go wrong with after-sale cases."""

from __future__ import annotations

from liveshelf.kernel.errors import Busy, Conflict, Denied, Invalid, Missing


class CaseUnknown(Missing):
    """No such case, or none that the asker may know of."""

    code = "aftersales.unknown"
    title = "There is no such after-sale case."


class CaseStateRefuses(Conflict):
    """The case has moved on: this can't be done to it any more, or not yet. `state` says where it stands."""

    code = "aftersales.state_refuses"
    title = "The case has moved on. Look at it once more."


class OrderNotCovered(Conflict):
    """The order was not paid, or its time for after-sales is over."""

    code = "aftersales.order_not_covered"
    title = "Nothing can be asked for on this order."


class KindNotPossible(Conflict):
    """What was not sent can't be sent back or exchanged. `kinds` says what is possible."""

    code = "aftersales.kind_not_possible"
    title = "This can't be asked for these goods."


class NothingLeft(Conflict):
    """Other cases hold these pieces already. `left` says how many there are."""

    code = "aftersales.nothing_left"
    title = "These pieces have an after-sale case already."


class TooManyCases(Conflict):
    """The order has had as many cases as an order can have; talk to the shop in one of them."""

    code = "aftersales.too_many_cases"
    title = "This order has had too many cases already."


class LogFull(Conflict):
    """Nobody reads on: what is still to be said belongs to a decision."""

    code = "aftersales.log_full"
    title = "Nothing more can be written into this case."


class LinesInvalid(Invalid):
    """The lines are none, too many, not the order's, or mix what was sent with what was not."""

    code = "aftersales.lines_invalid"
    title = "Choose pieces of this order, sent ones and unsent ones separately."


class AmountInvalid(Invalid):
    """The amount is not between 1 fen and what the pieces can give back. `most_fen` says how much that is."""

    code = "aftersales.amount_invalid"
    title = "The amount is more than these pieces can give back, or nothing."


class ReasonInvalid(Invalid):
    """The reason is none of the shop's, or does not go with what is asked for."""

    code = "aftersales.reason_invalid"
    title = "Choose a reason from the list."


class EvidenceNeeded(Invalid):
    """This reason must be shown in pictures."""

    code = "aftersales.evidence_needed"
    title = "Show it in at least one picture."


class EvidenceInvalid(Invalid):
    """Too many pictures, or one that is not the shop's or is no longer there."""

    code = "aftersales.evidence_invalid"
    title = "A picture is no longer there, or there are more than 9."


class TextInvalid(Invalid):
    """A text is empty where it may not be, too long, or has characters that can't be shown."""

    code = "aftersales.text_invalid"
    title = "Write 1 to 500 characters."


class PromiseNeeded(Conflict):
    """A case that is not decided now must be promised a time."""

    code = "aftersales.promise_needed"
    title = "Say by when it will be decided."


class PromiseInvalid(Invalid):
    """A promise lies within the next days, later than the one before, and is not renewed for ever."""

    code = "aftersales.promise_invalid"
    title = "Promise a time within 7 days, later than the one before, at most 3 times."


class StepNotYours(Denied):
    """The next step of the review belongs to another role. `role` says which."""

    code = "aftersales.step_not_yours"
    title = "The next step of this review belongs to another role."


class OfferTooHigh(Denied):
    """More than the shop's review flow lets this role grant alone."""

    code = "aftersales.offer_too_high"
    title = "Your role can't grant this amount alone."


class ReturnAddressMissing(Conflict):
    """The buyer must be told where to send goods back to."""

    code = "aftersales.return_address_missing"
    title = "Set up a return address first."


class AddressInvalid(Invalid):
    """A part of the address is missing, too long, or no phone number."""

    code = "aftersales.address_invalid"
    title = "An address has a name, a phone number, a region and a street."


class ParcelInvalid(Invalid):
    """The carrier is missing, or its number is none."""

    code = "aftersales.parcel_invalid"
    title = "Name the carrier and its tracking number (6 to 32 letters and digits)."


class ExchangeUneven(Invalid):
    """Only the same product at the same price can be had instead."""

    code = "aftersales.exchange_uneven"
    title = "Choose another variant of the same product at the same price."


class ReplacementSoldOut(Conflict):
    """There is nothing to send instead. Offer the money back."""

    code = "aftersales.replacement_sold_out"
    title = "There is no stock to send instead. Offer a refund."


class OfferMissing(Conflict):
    """There is no offer to answer, or it is another one now. `offer_fen` says which."""

    code = "aftersales.offer_missing"
    title = "This offer no longer stands."


class ArbiterNotYet(Conflict):
    """The platform steps in after a refusal or a missed limit, for 7 days, and once."""

    code = "aftersales.arbiter_not_yet"
    title = "The platform can be called after a refusal or a missed deadline, for 7 days, once."


class ArbiterNotIndependent(Denied):
    """The arbiter belongs to the shop."""

    code = "aftersales.arbiter_not_independent"
    title = "You belong to this shop, so somebody else must decide."


class FlowInvalid(Invalid):
    """The bands leave a gap, or have a step that is never reached. `problem` and `band` say where."""

    code = "aftersales.flow_invalid"
    title = "The review flow has a gap, or a step that is never reached."


class FlowChanged(Conflict):
    """Somebody else changed the flow meanwhile. `version` is what it is now."""

    code = "aftersales.flow_changed"
    title = "Somebody has just changed the review flow. Look at it once more."


class ReasonsIncomplete(Invalid):
    """The list names each of the seven templates once, and leaves a reason for everything that can be asked for."""

    code = "aftersales.reasons_incomplete"
    title = "Keep all seven reasons, with at least one switched on for each kind of request."


class TooManyAddresses(Conflict):
    """A shop keeps at most 10 return addresses."""

    code = "aftersales.too_many_addresses"
    title = "Keep at most 10 return addresses."


class AddressUnknown(Missing):
    """No such return address."""

    code = "aftersales.address_unknown"
    title = "There is no such return address."


class PicturesTooOften(Busy):
    """Pictures come faster than anybody takes them."""

    code = "aftersales.pictures_too_often"
    status = 429
    title = "That is a lot of pictures. Wait a moment."
