"""The record of who did what: append-only rows, chained and signed per shop a moment later.

Promises: a row is written in the transaction of the change it records; the running product can't alter or delete rows;
`queries.verify` finds any row that was changed, added or taken away after its seal. Personal data stays outside: the
chain holds keyed commitments of details, so a detail can be emptied (a person erased) and the chain still verifies.

Recording takes no keys and no locks: `service.record` only adds a row. The sealer, a job that has the keys, comes by
within a minute, computes each row's commitment (HMAC-SHA256 of the detail, bound to the row), chains the rows to the
seal before (SHA-256) and signs the seal (Ed25519). Until then a row is protected by the database's grants alone: the
product's role may insert rows and set `detail`, `commitment` and `seal_no`, nothing else, and none of these three can
change after the seal unseen, except that an emptied detail counts as erased.
Words: trail 操作记录, seal 封存.
"""
