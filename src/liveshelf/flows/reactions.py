"""The one table from events to their consequences. The relay reads it; nothing else reacts to anything.

Delivery is at least once, so every consequence can happen twice without harm: hints only say "look again", and jobs
find their work done.
"""

from __future__ import annotations

from liveshelf.goods.events import GoodsSubmitted
from liveshelf.media.events import MediaExpired
from liveshelf.platform.events import Defer, Reactions
from liveshelf.reviews.events import CaseOverdue
from liveshelf.trail.events import SealDue

REACTIONS: Reactions = {
    GoodsSubmitted.name: [Defer("reviews.machine_pass", lambda event: {"audit_id": event.body["audit_id"]})],
    CaseOverdue.name: [Defer("reviews.machine_pass", lambda event: {"audit_id": event.body["audit_id"]})],
    MediaExpired.name: [Defer("media.collect", lambda event: {"sha256s": event.body["sha256s"]})],
    SealDue.name: [Defer("trail.seal", lambda _: {})],
}
