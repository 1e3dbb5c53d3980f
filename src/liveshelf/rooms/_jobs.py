"""The clock of rooms."""

from __future__ import annotations

from liveshelf.goods import validity as limits
from liveshelf.platform.jobs import Job
from liveshelf.platform.timers import Timer
from liveshelf.rooms import _claims_sql, _presence_sql, _sql, claims, followers, presence, service, talk, validity

TIMERS = (
    Timer(
        name="rooms.due",
        owner="rooms",
        promise="A room never started expires at its planned end; a broadcast ends an hour after it at the latest.",
        due_shops=_sql.DUE_SHOPS,
        fire=service.settle_due,
        actor="staff",
        escalation="At the limit a room never started expires; a broadcast that runs over is ended.",
        pending=_sql.PENDING,
    ),
    Timer(
        name="rooms.expired_goods",
        owner="rooms",
        promise="Goods past their validity are sold no more; those of a running broadcast within a minute of its end.",
        due_shops=limits.DUE_SHOPS,
        fire=validity.take_off_expired,
        every_s=5.0,
        features=("L-308",),
        actor="staff",
        escalation="At the limit the goods leaves sale by itself.",
        pending=limits.PENDING,
    ),
    Timer(
        name="rooms.legal_presence",
        owner="rooms",
        promise="An important broadcast that nobody of the legal role watches is alarmed about, once a gap.",
        due_shops=_presence_sql.DUE_SHOPS,
        fire=presence.alarm,
        features=("L-605",),
        actor="staff",
        escalation="At the limit the shop's people are told, and the gap stands in the broadcast's record.",
        pending=_presence_sql.PENDING,
    ),
    Timer(
        name="rooms.forget_comments",
        owner="rooms",
        promise="What buyers said in a room is deleted after 90 days.",
        due_shops=_sql.SHOPS_WITH_OLD_COMMENTS,
        fire=talk.forget_old,
        every_s=6 * 3600.0,
    ),
    Timer(
        name="rooms.forget_claims",
        owner="rooms",
        promise="Who claimed what in a room by comment is deleted after 90 days.",
        due_shops=_claims_sql.SHOPS_WITH_OLD,
        fire=claims.forget_old,
        every_s=6 * 3600.0,
    ),
)
JOBS = (Job("rooms.mass_notice", "Followers are told that a broadcast is on air.", followers.send),)
