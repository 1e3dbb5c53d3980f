"""What can go wrong with stock."""

from __future__ import annotations

from liveshelf.kernel.errors import Conflict, Invalid, Missing


class StockUnknown(Missing):
    """No such SKU in this shop, or one whose stock is not kept."""

    code = "stock.unknown"
    title = "There is no stock of this."


class StockInsufficient(Conflict):
    """Not enough is left. `sku_id` names of what, `available` how many there are."""

    code = "stock.insufficient"
    title = "There is not enough left."


class StockBelowHeld(Conflict):
    """The count would fall below what buyers already hold. `held` says how many that are."""

    code = "stock.below_held"
    title = "Buyers already hold more than that."


class StockCountInvalid(Invalid):
    """A count that can't be: negative, or above `rules.ON_HAND_MAX`."""

    code = "stock.count_invalid"
    title = "A count is a whole number from 0 to 9,999,999."


class SetOrAdjust(Invalid):
    """A change of stock says either how many there are, or how many more or fewer."""

    code = "stock.set_or_adjust"
    title = "Give either the count or the change, not both and not neither."


class ReturnTooMuch(Conflict):
    """More would come back than was sold. `sku_id` names of what, `most` how much still can."""

    code = "stock.return_too_much"
    title = "More would come back than was sold."


class PoolInvalid(Invalid):
    """A transfer needs two different pools and at least one piece."""

    code = "stock.pool_invalid"
    title = "A transfer moves at least one piece from one pool to another."
