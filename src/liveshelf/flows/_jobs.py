"""Jobs in which several capabilities take part."""

from __future__ import annotations

from liveshelf.flows import review
from liveshelf.platform.jobs import Job

JOBS = (Job("reviews.machine_pass", "A submitted card is judged by the machine's rules.", review.machine_pass),)
