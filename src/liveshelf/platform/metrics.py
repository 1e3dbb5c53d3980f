"""Counters and timings of this process, in Prometheus form."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

REGISTRY = CollectorRegistry()

REQUESTS = Counter("liveshelf_requests", "Requests answered.", ["facade", "operation", "outcome"], registry=REGISTRY)
DURATION = Histogram("liveshelf_request_seconds", "Time to answer.", ["facade", "operation"], registry=REGISTRY)
VIEWERS = Gauge("liveshelf_viewers", "Open viewer connections of this gateway.", registry=REGISTRY)
JOBS = Counter("liveshelf_events_relayed", "Events carried by the relay.", registry=REGISTRY)
# Counted by the workers in the database (`platform.rounds`), since they have no door of their own to be scraped at.
FIRED = Gauge("liveshelf_clock_fired", "Time limits that came due, in all workers.", ["clock"], registry=REGISTRY)
FAILED = Gauge("liveshelf_clock_failed", "Failures of a clock in a shop.", ["clock"], registry=REGISTRY)
UNSEEN = Gauge("liveshelf_clock_unseen_seconds", "Since any worker last looked.", ["clock"], registry=REGISTRY)
NOTICES = Counter("liveshelf_payment_notices", "Providers' notifications.", ["outcome"], registry=REGISTRY)


def exposition() -> bytes:
    """The text that a scraper reads."""
    return generate_latest(REGISTRY)
