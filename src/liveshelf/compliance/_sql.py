"""Statements of the compliance capability."""

from __future__ import annotations

from sqlalchemy import BigInteger, Text, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as pg_insert

from liveshelf.compliance._tables import lexicon_entries, lexicon_heads
from liveshelf.platform.schema import Instant

_of_shop = lexicon_entries.c.shop_id == bindparam("shop")
_standing = lexicon_entries.c.withdrawn_in.is_(None)

# Asked with every text: which lexicon is in force for the shop.
REVISIONS = select(lexicon_heads).where(
    lexicon_heads.c.shop_id == func.any(bindparam("shops", type_=ARRAY(BigInteger)))
)
# First statement of every change: its row lock puts the changes of one lexicon in a line.
NEXT_REVISION = (
    pg_insert(lexicon_heads)
    .values(shop_id=bindparam("shop"), revision=1, stamp=bindparam("number", type_=BigInteger))
    .on_conflict_do_update(
        index_elements=["shop_id"],
        set_={"revision": lexicon_heads.c.revision + 1, "stamp": bindparam("number", type_=BigInteger)},
    )
    .returning(lexicon_heads.c.revision)
)
IN_FORCE = (
    select(lexicon_entries)
    .where(lexicon_entries.c.shop_id == bindparam("owner", type_=BigInteger), _standing)
    .order_by(lexicon_entries.c.entry_id)
)
COUNT_IN_FORCE = select(func.count()).select_from(lexicon_entries).where(_of_shop, _standing)
SAME = select(lexicon_entries.c.entry_id).where(
    _of_shop,
    _standing,
    lexicon_entries.c.kind == bindparam("which_kind", type_=Text),
    lexicon_entries.c.class_id == bindparam("which_class", type_=Text),
    lexicon_entries.c.word == bindparam("which_word", type_=Text),
)
INSERT = pg_insert(lexicon_entries)
WITHDRAW = (
    update(lexicon_entries)
    .where(_of_shop, _standing, lexicon_entries.c.entry_id == bindparam("which", type_=BigInteger))
    .values(
        withdrawn_by=bindparam("who"), withdrawn_at=bindparam("moment", type_=Instant), withdrawn_in=bindparam("rev")
    )
    .returning(lexicon_entries)
)
ENTRY = select(lexicon_entries).where(_of_shop, lexicon_entries.c.entry_id == bindparam("which", type_=BigInteger))
PAGE = (
    select(lexicon_entries)
    .where(_of_shop, lexicon_entries.c.entry_id < bindparam("before", type_=BigInteger))
    .order_by(lexicon_entries.c.entry_id.desc())
    .limit(bindparam("most"))
)
