"""The wire: WeChat's live-goods protocol, spoken by software that was written for WeChat.

A translator and nothing else: it decodes wire names and numbers, calls the service or flow that the native API calls
too, and encodes the answer. The contract is `docs/guides/wire.md`; the table of calls in the docs is made from the
route tables.
"""
