"""Carriers are data, and their numbers are checked where we know what they look like."""

from __future__ import annotations

import pytest

from liveshelf.fulfilment.carriers import BY_CODE, CARRIERS, carrier_of, clean_number
from liveshelf.fulfilment.errors import CarrierUnknown, TrackingInvalid


@pytest.mark.parametrize(("text", "code"), [("顺丰", "SF"), ("sf", "SF"), (" 中通快递 ", "ZTO"), ("EMS", "EMS")])
def test_a_carrier_is_known_by_code_and_names(text: str, code: str):
    assert carrier_of(text).code == code


def test_codes_are_unique_and_unknown_ones_refused():
    assert len(BY_CODE) == len(CARRIERS)
    with pytest.raises(CarrierUnknown):
        carrier_of("飞鸽传书")
    with pytest.raises(CarrierUnknown):
        clean_number("PIGEON", "12345678")


@pytest.mark.parametrize(
    ("carrier", "text", "kept"),
    [
        ("SF", "sf 1234 5678 9012 3", "SF1234567890123"),
        ("YTO", "YT1234567890123", "YT1234567890123"),
        ("JD", "jdv012345678901", "JDV012345678901"),
        ("EMS", "EA123456789CN", "EA123456789CN"),
        ("OTHER", "ab-12345", "AB-12345"),
    ],
)
def test_a_number_is_kept_in_one_form(carrier: str, text: str, kept: str):
    assert clean_number(carrier, text) == kept


@pytest.mark.parametrize(
    ("carrier", "text"),
    [
        ("SF", "YT1234567890123"),
        ("SF", "SF123"),
        ("ZTO", "2.02E+14"),
        ("OTHER", ""),
        ("OTHER", "1" * 41),
        ("OTHER", "<script>"),
        ("YUNDA", "１２３４５６７８９０１２３"),
    ],
)
def test_what_no_carrier_prints_is_refused(carrier: str, text: str):
    with pytest.raises(TrackingInvalid):
        clean_number(carrier, text)
