"""Our runtime: the database transaction, events and their relay, timers, jobs, idempotency, fan-out, lanes, outbound
calls, signing, settings, logs. It knows nothing of commerce; every capability stands on it.
"""
