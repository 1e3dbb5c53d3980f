"""What can be made to go wrong at the simulator: for tests and drills. With nothing switched on it does what it should.

What is lost or repeated follows from the seed and the notice's number alone, so a run can be repeated.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Annotated, Literal

import msgspec

from liveshelf.adapters.payments import _sql
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import PLATFORM
from liveshelf.platform.db import ReadTx
from liveshelf.platform.runtime import Runtime

_Seconds = Annotated[float, msgspec.Meta(ge=0, le=3600)]
_STEPS = 1 << 32


class Faults(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The switches. Times are seconds of wall time."""

    seed: int = 0
    lose: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.0  # this share of deliveries never arrives
    delay_s: _Seconds = 0.0  # every notification comes so much later
    shuffle_s: _Seconds = 0.0  # and up to so much later still, each by its own: they overtake each other
    repeat: Annotated[int, msgspec.Meta(ge=0, le=20)] = 0  # so many more copies of each delivery
    forge: bool = False  # before each true notification comes a false one
    down: bool = False  # nothing answers but this switch
    slow_s: _Seconds = 0.0  # an answer comes so late, after what was asked for was done
    refund_result: Literal["success", "closed", "abnormal"] = "success"
    refund_delay_s: _Seconds = 0.0  # a refund is under way for so long

    def waits(self, notice_id: int) -> timedelta:
        """How late a notification is sent."""
        return timedelta(seconds=self.delay_s + self.shuffle_s * self._chance("shuffle", notice_id))

    def loses(self, notice_id: int, tries: int) -> bool:
        """Whether this delivery is lost on the way."""
        return self._chance(f"lose-{tries}", notice_id) < self.lose

    def _chance(self, what: str, number: int) -> float:
        drawn = hashlib.sha256(f"{self.seed}:{what}:{number}".encode()).digest()
        return int.from_bytes(drawn[:4]) / _STEPS


async def current(tx: ReadTx) -> Faults:
    """What is switched on now."""
    stored = await tx.scalar(_sql.FAULTS)
    return Faults() if stored is None else msgspec.convert(stored, Faults)


async def switch(runtime: Runtime, faults: Faults) -> None:
    """Switch these on, and everything else off."""
    wanted = msgspec.to_builtins(faults)
    await runtime.db.write(SYSTEM, PLATFORM, lambda tx: tx.execute(_sql.SET_FAULTS, wanted=wanted))
