"""Who asks, for many requests at once, in the raw driver: what every order of a rush begins with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from liveshelf.customers.types import Buyer, CustomerKind
from liveshelf.kernel.ids import CustomerId, ShopId
from liveshelf.platform.clock import wall_now
from liveshelf.platform.readpool import ReadPool
from liveshelf.platform.signing import digest

# As `_sql.BY_SESSION`: whoever left, or was taken along by a member, is nobody.
_BY_SESSIONS = """
    SELECT s.token_hash, c.customer_id, c.name, c.kind
    FROM customer_sessions s JOIN customers c ON c.shop_id = s.shop_id AND c.customer_id = s.customer_id
    WHERE s.shop_id = $1 AND s.token_hash = ANY($2::bytea[]) AND s.expires_at > $3
        AND c.erased_at IS NULL AND c.merged_into IS NULL"""


async def buyers(pool: ReadPool, shop: ShopId, tokens: Sequence[str]) -> Mapping[str, Buyer]:
    """The buyers behind these sessions' tokens; unknown and ended ones are left out."""
    by_hash = {digest(token): token for token in tokens}
    rows = await pool.fetch(_BY_SESSIONS, shop, list(by_hash), wall_now())
    return {
        by_hash[row["token_hash"]]: Buyer(shop, CustomerId(row["customer_id"]), row["name"], CustomerKind(row["kind"]))
        for row in rows
    }
