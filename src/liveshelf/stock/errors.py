"""What can go wrong with stock."""

from __future__ import annotations

from liveshelf.kernel.errors import Conflict, DomainError, Invalid, Missing
from liveshelf.stock.types import OverLimit, Refusal, Shortage


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


class PoolUnknown(Invalid):
    """No pool has this name."""

    code = "stock.pool_unknown"
    title = "There is no such pool."


class LimitReached(Conflict):
    """A buyer may have no more of this. `sku_id` names of what, `most` how many, `left` how many still."""

    code = "stock.limit_reached"
    title = "There is a limit on how many of this one buyer may have."


class TooManyUnpaidOrders(Conflict):
    """Much of what is left is held unpaid, and this buyer has `most` unpaid orders of it. `sku_id` names of what."""

    code = "stock.too_many_unpaid"
    title = "Pay one of your orders of this first."


class BoundInvalid(Invalid):
    """A safety stock, a threshold or a limit that can't be."""

    code = "stock.bound_invalid"
    title = "Safety stock and threshold are 0 to 9,999,999, a limit is 1 to 9,999."


class ChangeInvalid(Invalid):
    """A call of another system that can't be: empty, too long, or with a reference twice."""

    code = "stock.change_invalid"
    title = "A call takes 1 to 500 changes, each with a reference of its own."


class StockOrderMixed(Conflict):
    """A source that counted by sequence now counts by time, or the other way: what is newest can't be told."""

    code = "stock.order_mixed"
    title = "A source orders its changes by sequence or by time, not by both."


def refused(answer: Refusal) -> DomainError:
    """The error that tells why a hold was not made."""
    if isinstance(answer, Shortage):
        return StockInsufficient(sku_id=answer.sku_id, available=answer.available)
    if isinstance(answer, OverLimit):
        return LimitReached(sku_id=answer.sku_id, most=answer.most, left=answer.left)
    return TooManyUnpaidOrders(sku_id=answer.sku_id, most=answer.most)


class StocktakeUnknown(Missing):
    """No such stocktake in this shop, or no such SKU in it."""

    code = "stock.stocktake_unknown"
    title = "There is no such stocktake."


class StocktakeOpen(Conflict):
    """This pool is being counted already."""

    code = "stock.stocktake_open"
    title = "There is an open stocktake. Close it first."


class StocktakeEnded(Conflict):
    """The stocktake was closed or cancelled."""

    code = "stock.stocktake_ended"
    title = "This stocktake has ended."


class StocktakeInvalid(Invalid):
    """A stocktake of nothing, of more SKUs than one takes, or of one whose stock is not kept."""

    code = "stock.stocktake_invalid"
    title = "A stocktake has 1 to 20,000 SKUs whose stock is kept."
