"""The record of who did what: append-only rows, chained and signed per shop a moment later.

Promises: a row is written in the transaction of the change it records; the running product can't alter or delete
rows; `verify` finds any row that was changed, added or taken away after its seal. Personal data stays outside: the
chain holds keyed commitments of details, so a person can be erased and the chain still verifies. Words: trail 操作记录,
seal 封存.
"""
