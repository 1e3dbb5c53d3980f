"""The demo shop: seeded through the same services that people use, with goods pictures rendered here.

Promises: nothing here is needed by a shop that is not a demo; a start that was killed in the middle is completed by the
next; names and passwords, once written to `demo.json`, never change. Pictures are drawn by us, so no file has another's
rights on it.
"""
