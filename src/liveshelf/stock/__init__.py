"""How many there are, and for whom they are kept.

A two-phase ledger: hold → commit | release | expire, each hold resolved exactly once. Counters per (shop, SKU, pool)
are guarded by CHECKs, moves are append-only, and the counters always equal the sum of the moves (`queries.differences`
finds any that do not). Taking is one conditional statement: it takes what is there or takes nothing, so nothing is ever
sold twice.
Words: stock 库存, on hand 现货, held 占用, available 可售 (= on hand − held), hold 占库, pool 库存池, move 库存流水.
"""
