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
FUND_COLUMNS = (
    "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,"
    "收支金额(元),账户结余(元),资金变更提交申请人,备注,业务凭证号"
)
FUND_SUMMARY = "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额"
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


async def fund_bill(tx: ReadTx, day: date) -> bytes | None:
    """What moved on the merchant's account on a day in China, each fee a movement of its own; nothing when nothing did.
    The balance is that of the day: the simulator pays nothing out and carries nothing over.
    """
    begins = datetime(day.year, day.month, day.day, tzinfo=CHINA)
    span = {"since": begins, "until": begins + timedelta(days=1)}
    moves: list[tuple[datetime, str, str, str, int]] = []
    for row in await tx.all(_sql.PAID_BETWEEN, **span):
        moves.append((row.paid_at, payment_ref(row), str(row.payment_id), "交易", row.amount_fen))
        moves.append((row.paid_at, payment_ref(row), str(row.payment_id), "扣除交易手续费", -_fee(row.amount_fen)))
    for row in await tx.all(_sql.REFUNDED_BETWEEN, **span):
        moves.append((row.made_at, refund_ref(row), row.refund_no, "退款", -row.amount_fen))
        moves.append((row.made_at, refund_ref(row), row.refund_no, "退还交易手续费", _fee(row.amount_fen)))
    moves = [move for move in sorted(moves, key=lambda one: one[0]) if move[-1]]
    if not moves:
        return None
    rows, balance = [], 0
    for number, (at, ref, ours, kind, amount) in enumerate(moves, 1):
        balance += amount
        rows.append([
            _moment(at), ref, f"{simulated_number(tx.shop)}{day:%Y%m%d}{number:09d}", kind, kind,
            "收入" if amount > 0 else "支出", _yuan(abs(amount)), _signed(balance), "system", "", ours,
        ])  # fmt: skip
    came = [amount for *_, amount in moves if amount > 0]
    left = [-amount for *_, amount in moves if amount < 0]
    total = [str(len(rows)), str(len(came)), _yuan(sum(came)), str(len(left)), _yuan(sum(left))]
    lines = [FUND_COLUMNS, *map(_line, rows), FUND_SUMMARY, _line(total)]
    return ("\ufeff" + "\r\n".join(lines) + "\r\n").encode()


def _signed(fen: int) -> str:
    return f"{'-' if fen < 0 else ''}{_yuan(abs(fen))}"


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
