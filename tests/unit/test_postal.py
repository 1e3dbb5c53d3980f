"""What an address and an order's papers may be, and how they look to who need not know them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from liveshelf.customers.divisions import divisions
from liveshelf.customers.errors import AddressInvalid
from liveshelf.customers.postal import (
    check_address,
    clean_phone,
    mask_name,
    masked,
    open_address,
    place_text,
    seal_address,
)
from liveshelf.customers.types import AddressDraft
from liveshelf.orders.errors import InvoiceInvalid, NoteInvalid
from liveshelf.orders.papers import Invoice, InvoiceKind, Papers, check_papers, is_tax_no, open_papers, seal_papers
from liveshelf.platform.signing import Keys

GOOD = AddressDraft("张三", "138 0013 8000", "440305", " 科技园路  1 号 ")
COMPANY = Invoice(InvoiceKind.COMPANY, "深圳市腾讯计算机系统有限公司", "9144030071526726XG", "a@b.cn")


def test_a_good_address_is_kept_clean_and_reads_as_written(keys: Keys):
    address = check_address(GOOD)
    assert (address.name, address.phone, address.street) == ("张三", "13800138000", "科技园路 1 号")
    assert place_text(address) == "广东省深圳市南山区"
    sealed = seal_address(keys, address)
    assert open_address(keys, sealed) == address
    assert "张三".encode() not in sealed
    hidden = masked(address)
    assert (hidden.name, hidden.phone, hidden.street) == ("张*", "138****8000", "***")
    assert hidden.district == "南山区"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "长" * 26}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"phone": "12345"}, "phone"),
        ({"phone": "12800138000"}, "phone"),
        ({"phone": "1380013800"}, "phone"),
        ({"phone": "１３８００１３８０００"}, "phone"),
        ({"code": "999999"}, "code"),
        ({"code": "440300"}, "code"),  # a city is no district
        ({"code": ""}, "code"),
        ({"street": "号"}, "street"),
        ({"street": "长" * 121}, "street"),
        ({"street": "路\x07 1 号"}, "street"),
    ],
)
def test_a_bad_address_names_the_field(changes: dict[str, str], field: str):
    with pytest.raises(AddressInvalid) as caught:
        check_address(replace(GOOD, **changes))
    assert caught.value.context["field"] == field


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("13800138000", "13800138000"),
        ("+86 138-0013-8000", "13800138000"),
        ("13800138000-1234", "13800138000-1234"),
        ("0755-86013388", "0755-86013388"),
        ("(010) 62345678", "01062345678"),
        ("010-62345678-801", "010-62345678-801"),
        ("", None),
        ("138001380001", None),
        ("400-800-8000", None),
    ],
)
def test_phones_are_forgiven_their_spaces(typed: str, kept: str | None):
    assert clean_phone(typed) == kept


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("110105", "北京市朝阳区"),
        ("500230", "重庆市丰都县"),
        ("441900", "广东省东莞市"),
        ("429004", "湖北省仙桃市"),
        ("659001", "新疆维吾尔自治区石河子市"),
        ("620201", "甘肃省嘉峪关市"),
        ("542421", None),
    ],
)
def test_places_are_written_as_people_write_them(code: str, text: str | None):
    if text is None:
        assert code not in divisions().districts
    else:
        assert place_text(check_address(replace(GOOD, code=code))) == text


def test_every_district_has_one_code_of_six_digits_and_names():
    found = divisions().districts
    assert len(found) > 3_000
    for code, one in found.items():
        assert len(code) == 6
        assert code.isdigit()
        assert one.province
        assert one.city
        assert one.district


@pytest.mark.parametrize(("name", "shown"), [("张三", "张*"), ("张三丰", "张**"), ("May Chen", "M***"), ("张", "张*")])
def test_a_name_is_masked_to_its_first_character(name: str, shown: str):
    assert mask_name(name) == shown


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("9144030071526726XG", True),
        ("91110000802100433B", True),
        ("91330100799655058B", True),
        ("9144030071526726XH", False),
        ("9144030071526762XG", False),
        ("9144030071526726X", False),
        ("91440300715267261G", False),
        ("I144030071526726XG", False),
        ("", False),
    ],
)
def test_a_tax_number_is_checked_by_its_last_character(text: str, *, right: bool):
    assert is_tax_no(text) is right


def test_papers_are_kept_sealed_and_known_again(keys: Keys):
    papers = check_papers(" 请放门口\n谢谢 ", COMPANY)
    assert papers == Papers("请放门口\n谢谢", COMPANY)
    one, two = seal_papers(keys, papers), seal_papers(keys, papers)
    assert one.hash == two.hash
    assert one.cipher != two.cipher
    assert open_papers(keys, one.cipher) == papers
    assert check_papers("  ", None) is None


@pytest.mark.parametrize(
    ("note", "invoice", "error"),
    [
        ("长" * 201, None, NoteInvalid),
        ("\x00", None, NoteInvalid),
        ("", replace(COMPANY, title=" "), InvoiceInvalid),
        ("", replace(COMPANY, title="长" * 101), InvoiceInvalid),
        ("", replace(COMPANY, tax_no=""), InvoiceInvalid),
        ("", replace(COMPANY, tax_no="9144030071526726XH"), InvoiceInvalid),
        ("", replace(COMPANY, kind=InvoiceKind.PERSONAL), InvoiceInvalid),
        ("", replace(COMPANY, email="nobody"), InvoiceInvalid),
        ("", replace(COMPANY, email="a@b"), InvoiceInvalid),
    ],
)
def test_bad_papers_are_refused(note: str, invoice: Invoice | None, error: type[Exception]):
    with pytest.raises(error):
        check_papers(note, invoice)
