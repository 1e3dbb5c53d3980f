"""What can go wrong with rehearsals."""

from __future__ import annotations

from liveshelf.kernel.errors import Conflict, Invalid, Missing


class RehearsalUnknown(Missing):
    """No such rehearsal of this room, or later ones have taken its place."""

    code = "rehearsals.unknown"
    title = "There is no such rehearsal."


class RehearsalsOff(Conflict):
    """The operator of this installation lets nobody rehearse."""

    code = "rehearsals.off"
    title = "This installation has rehearsals turned off."


class RehearsalInvalid(Invalid):
    """A wish that can't be rehearsed. `field` says which number, `most` how large it may be."""

    code = "rehearsals.invalid"
    title = "This can't be rehearsed."


class RehearsalRuns(Conflict):
    """One rehearsal of the shop waits or plays. `room_id` says of which room."""

    code = "rehearsals.runs"
    title = "A rehearsal of this shop is still running."


class RehearsalTooLate(Conflict):
    """Only a room that has not begun is rehearsed. `state` says how it is."""

    code = "rehearsals.too_late"
    title = "A room is rehearsed before it goes on air, not during or after it."


class SomebodyOnAir(Conflict):
    """A rehearsal would take from a broadcast what that needs of the machine."""

    code = "rehearsals.somebody_on_air"
    title = "A broadcast on this machine is being watched. Rehearse after it."
