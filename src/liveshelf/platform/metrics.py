"""Counters and timings of this process, in Prometheus form."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

REGISTRY = CollectorRegistry()

REQUESTS = Counter("liveshelf_requests", "Requests answered.", ["facade", "operation", "outcome"], registry=REGISTRY)
DURATION = Histogram("liveshelf_request_seconds", "Time to answer.", ["facade", "operation"], registry=REGISTRY)
VIEWERS = Gauge("liveshelf_viewers", "Open viewer connections of this gateway.", registry=REGISTRY)
JOBS = Counter("liveshelf_events_relayed", "Events carried by the relay.", registry=REGISTRY)
FIRED = Counter("liveshelf_timers_fired", "Time limits that came due.", ["timer"], registry=REGISTRY)


def exposition() -> bytes:
    """The text that a scraper reads."""
    return generate_latest(REGISTRY)
