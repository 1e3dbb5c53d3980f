"""The worker as a whole: what another one left behind is done."""

from __future__ import annotations

import asyncio

from sqlalchemy import text

from liveshelf.accounts import service as accounts
from liveshelf.accounts.types import Role
from liveshelf.entry import worker
from liveshelf.entry.compose import provide_adapters
from liveshelf.flows.reactions import REACTIONS
from liveshelf.kernel.actors import SYSTEM, Actor, ActorKind
from liveshelf.orders import service as orders
from liveshelf.platform import jobs
from liveshelf.platform.events import Relay
from liveshelf.platform.runtime import Runtime
from tests.make.accounts import account
from tests.make.processes import until
from tests.make.selling import bought, guest, something, wish
from tests.make.shops import a_shop
from tests.make.telling import told


async def test_a_job_whose_worker_died_is_done_by_another(runtime: Runtime):
    provide_adapters(runtime)
    db, shop = runtime.db, (await a_shop(runtime.db)).shop
    owner = await account(runtime, "owner")
    await db.write(SYSTEM, shop, lambda tx: accounts.join_shop(tx, owner, Role.OWNER))
    placed = await bought(db, shop, wish(await guest(db, shop), (await something(db, shop)).sku_id))
    await db.write(SYSTEM, shop, lambda tx: orders.mark_paid(tx, placed, paid_at=tx.now))
    app = jobs.job_app(runtime.settings.app_database_url)
    jobs.register(app, runtime, [])
    async with app.open_async():
        while await Relay(db, runtime.bus, lambda many: jobs.defer(app, many), REACTIONS).sweep():
            pass
    async with db.engine.begin() as conn:  # taken up by a worker that is no more
        await conn.execute(text("UPDATE jobs.procrastinate_jobs SET status = 'doing', worker_id = NULL"))
    stop = asyncio.Event()
    running = asyncio.create_task(worker.run(runtime, stop))

    async def is_told() -> bool:
        kinds = [one.kind for one in await told(runtime, shop, str(Actor(ActorKind.STAFF, str(owner))))]
        return "order_paid" in kinds

    await until(is_told, within_s=20)
    stop.set()
    await running
