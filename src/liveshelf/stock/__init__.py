"""How many there are, and for whom they are kept.

Promises: each hold is resolved exactly once (hold → commit | release | expire); counters per (shop, SKU, pool) are
guarded by CHECKs, moves are append-only, and the counters always equal the sum of the moves (`queries.differences`
finds any that do not); taking is one conditional statement that takes what is there or nothing, so nothing is ever
sold twice.
Words: stock 库存, on hand 现货, held 占用, available 可售 (= on hand − held − safety), hold 占库, pool 库存池,
move 库存流水, safety stock 安全库存, purchase limit 限购, short 缺货 (promised and gone), outside change 外部变动.
"""
