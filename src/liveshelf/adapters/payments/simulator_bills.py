"""The simulator's bills: a day's payments and refunds as WeChat Pay's own file lists them."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from liveshelf.adapters.payments import _sql
from liveshelf.adapters.payments.merchants import APPID, simulated_number
from liveshelf.adapters.payments.simulator_bodies import payment_ref, refund_ref
from liveshelf.kernel.time import CHINA
from liveshelf.platform.db import ReadTx

FEE_PER_MILLE = 6
COLUMNS = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,"
    "应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,"
    "手续费,费率,订单金额,申请退款金额,费率备注"
)
SUMMARY = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
_TYPES = {"h5": "MWEB", "native": "NATIVE", "jsapi": "JSAPI"}


async def trade_bill(tx: ReadTx, day: date) -> bytes | None:
    """The bill of a day in China; nothing when nothing moved. Every value stands behind a backtick."""
    begins = datetime(day.year, day.month, day.day, tzinfo=CHINA)
    span = {"since": begins, "until": begins + timedelta(days=1)}
    paid = await tx.all(_sql.PAID_BETWEEN, **span)
    back = await tx.all(_sql.REFUNDED_BETWEEN, **span)
    if not paid and not back:
        return None
    mchid = simulated_number(tx.shop)
    head = [APPID, mchid, "0", ""]
    rows = []
    for row in paid:
        fee = _fee(row.amount_fen)
        kind, name = _TYPES[row.scene], row.description
        rows.append([
            _moment(row.paid_at), *head, payment_ref(row), str(row.payment_id), row.payer, kind, "SUCCESS", "OTHERS",
            "CNY", _yuan(row.amount_fen), "0.00", "0", "0", "0.00", "0.00", "", "", name, "",
            _long(fee), "0.60%", _yuan(row.amount_fen), "0.00", "",
        ])  # fmt: skip
    for row in back:
        fee = -_fee(row.amount_fen)
        state = {"processing": "PROCESSING", "success": "SUCCESS", "abnormal": "CHANGE"}[row.state]
        rows.append([
            _moment(row.made_at), *head, payment_ref(row), str(row.payment_id), "", "MWEB", "REFUND", "OTHERS",
            "CNY", "0.00", "0.00", refund_ref(row), row.refund_no, _yuan(row.amount_fen), "0.00", "ORIGINAL", state,
            row.description, "", _long(fee), "0.60%", "0.00", _yuan(row.amount_fen), "",
        ])  # fmt: skip
    sold = sum(row.amount_fen for row in paid)
    returned = sum(row.amount_fen for row in back)
    fees = sum(_fee(row.amount_fen) for row in paid) - sum(_fee(row.amount_fen) for row in back)
    total = [str(len(rows)), _yuan(sold), _yuan(returned), "0.00", _long(fees), _yuan(sold), _yuan(returned)]
    lines = [COLUMNS, *map(_line, rows), SUMMARY, _line(total)]
    return ("\ufeff" + "\r\n".join(lines) + "\r\n").encode()


def _line(values: list[str]) -> str:
    return ",".join("`" + value.replace("`", "").replace("\n", " ") for value in values)


def _moment(at: datetime) -> str:
    return at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")


def _fee(amount_fen: int) -> int:
    return (amount_fen * FEE_PER_MILLE + 500) // 1000


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


def _long(fen: int) -> str:
    return f"{'-' if fen < 0 else ''}{_yuan(abs(fen))}000"
