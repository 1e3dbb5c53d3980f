"""What can go wrong with payments."""

from __future__ import annotations

from liveshelf.kernel.errors import Conflict, Invalid, Missing


class PaymentUnknown(Missing):
    """No such payment in this shop."""

    code = "payments.unknown"
    title = "There is no such payment."


class PaymentsOff(Conflict):
    """The shop has no payment provider: nothing can be paid here."""

    code = "payments.off"
    title = "This shop can't take payments at the moment."


class RefundTooLarge(Conflict):
    """More than what was paid and not yet given back. `left_fen` is what there is."""

    code = "payments.refund_too_large"
    title = "No more can go back than was paid."


class RefundAmountInvalid(Invalid):
    """A refund is at least one fen."""

    code = "payments.refund_amount_invalid"
    title = "A refund is at least 0.01 yuan."


class RefundKeyReused(Conflict):
    """The key belongs to a refund of another order."""

    code = "payments.refund_key_reused"
    title = "This key was already used for the refund of another order."


class RefundUnknown(Missing):
    """No such refund in this shop."""

    code = "payments.refund_unknown"
    title = "There is no such refund."


class PayerNeeded(Invalid):
    """Inside WeChat a payment needs the openid of who pays."""

    code = "payments.payer_needed"
    title = "Paying inside WeChat needs to know who pays."
