"""Pure Python that every other room stands on: values and decisions, no I/O.

Nothing here knows a driver, a framework or asyncio, so everything here can be tested with plain calls.
"""
