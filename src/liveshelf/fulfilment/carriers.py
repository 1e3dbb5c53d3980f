"""Carriers as data: WeChat Shop's codes, both names, and what their numbers look like where that is known.

Patterns are deliberately wide. They catch a number pasted into the wrong carrier's field or cut short, not every typing
mistake: carriers begin new series without telling anybody.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from liveshelf.fulfilment.errors import CarrierUnknown, TrackingInvalid
from liveshelf.fulfilment.types import Carrier

NUMBER_MAX = 40
OTHER = "OTHER"
VIRTUAL = "VIRTUAL"  # nothing is carried: a code, a service, a download
_ANY = re.compile(r"[A-Z0-9-]{5,40}")

CARRIERS: tuple[Carrier, ...] = (
    Carrier("SF", "顺丰速运", "SF Express", r"SF\d{12,13}|\d{12}|\d{15}"),
    Carrier("ZTO", "中通快递", "ZTO Express", r"\d{12,15}"),
    Carrier("YTO", "圆通速递", "YTO Express", r"YT\d{13}|\d{10,18}|[A-Z]\d{9,12}"),
    Carrier("YUNDA", "韵达快递", "Yunda Express", r"\d{13}|\d{15}"),
    Carrier("STO", "申通快递", "STO Express", r"\d{12,15}"),
    Carrier("JTSD", "极兔速递", "J&T Express", r"JT\d{13}|\d{12,15}"),
    Carrier("JD", "京东快递", "JD Logistics", r"JD[A-Z0-9]{11,18}(?:-\d+-\d+-\d*)?"),
    Carrier("EMS", "中国邮政 EMS", "China Post EMS", r"[A-Z]{2}\d{9}CN|\d{13}"),
    Carrier("CNSD", "菜鸟速递", "Cainiao Express", ""),
    Carrier("DBKD", "德邦快递", "Deppon Express", r"DPK\d{12}|\d{8,15}"),
    Carrier("SXJD", "顺心捷达", "SX Jieda", ""),
    Carrier("ZTOKY", "中通快运", "ZTO Freight", ""),
    Carrier("YDKY", "韵达快运", "Yunda Freight", ""),
    Carrier("ANEKY", "安能物流", "Ane Logistics", ""),
    Carrier("BTWL", "百世快运", "Best Freight", ""),
    Carrier("KYSY", "跨越速运", "KYE Express", ""),
    Carrier("YMDD", "壹米滴答", "Yimidida", ""),
    Carrier("ZJS", "宅急送", "ZJS Express", ""),
    Carrier("JSD", "吉时达", "Jishida", ""),
    Carrier("XFEX", "信丰物流", "Xinfeng Logistics", ""),
    Carrier("JGSD", "京广速递", "Jingguang Express", ""),
    Carrier(VIRTUAL, "无需物流", "No parcel", ""),
    Carrier(OTHER, "其他快递", "Another carrier", ""),
)
BY_CODE: Mapping[str, Carrier] = {carrier.code: carrier for carrier in CARRIERS}
_BY_NAME = {
    name.lower().replace(" ", ""): carrier.code
    for carrier in CARRIERS
    for name in (
        carrier.code,
        carrier.name_zh,
        carrier.name_en,
        carrier.name_zh.removesuffix("快递").removesuffix("速递").removesuffix("速运").removesuffix("物流"),
    )
}


def carrier_of(text: str) -> Carrier:
    """The carrier that a person means by a code or a name. Raises `CarrierUnknown`."""
    code = _BY_NAME.get(text.strip().lower().replace(" ", ""))
    if code is None:
        raise CarrierUnknown(field="carrier", value=text[:NUMBER_MAX])
    return BY_CODE[code]


def clean_number(carrier: str, text: str) -> str:
    """A tracking number as it is kept: capital letters, without spaces. Raises `CarrierUnknown`, `TrackingInvalid`."""
    if carrier not in BY_CODE:
        raise CarrierUnknown(field="carrier", value=carrier[:NUMBER_MAX])
    number = "".join(text.split()).upper()
    if carrier == VIRTUAL and not number:
        return ""
    pattern = BY_CODE[carrier].pattern
    if _ANY.fullmatch(number) is None or (pattern and re.fullmatch(pattern, number, re.ASCII) is None):
        raise TrackingInvalid(field="tracking_no", carrier=carrier)
    return number
