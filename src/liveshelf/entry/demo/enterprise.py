"""The demo shop's enterprise at the simulated WeCom: bound, with some people on its list."""

from __future__ import annotations

from liveshelf.adapters.wecom.port import Corp, OnList
from liveshelf.adapters.wecom.simulator import Employee, employ, simulated_corp, simulated_secret
from liveshelf.kernel.actors import Actor
from liveshelf.kernel.ids import ShopId
from liveshelf.platform.db import Tx
from liveshelf.platform.runtime import Runtime
from liveshelf.qualifications import employees

_PEOPLE = (Employee("zhangsan", "张三"), Employee("lisi", "李四"), Employee("wangfang", "王芳"))


async def bind(runtime: Runtime, actor: Actor, shop: ShopId) -> None:
    """Bind the shop as its owner would, unless it ever was: no door is open yet, so the list is not asked for."""
    corp_id = simulated_corp(shop)
    corp = Corp(corp_id, simulated_secret(runtime.keys, corp_id))
    async with runtime.db.read(shop) as tx:
        if await employees.enterprise(tx) is not None:
            return
    await employ(runtime, corp_id, _PEOPLE)

    async def work(tx: Tx) -> None:
        await employees.bind(tx, runtime.keys, corp)
        await employees.take_list(tx, runtime.keys, corp, [OnList(one.userid, one.name) for one in _PEOPLE])

    await runtime.db.write(actor, shop, work)
