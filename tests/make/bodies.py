"""The least body that a handler takes, made from the type that it declares."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
from litestar.datastructures import UploadFile
from msgspec import inspect

# What must stand beside a field for it to mean something.
_BESIDE: Mapping[str, Mapping[str, Any]] = {"want_sku_id": {"kind": "exchange"}}
_NEEDED = {"set"}  # one of several that exclude each other
# What no rule of the types says: values that a business rule wants, by the field's name.
_VALUES: Mapping[str, Any] = {
    "carrier": "SF",
    "tracking_no": "SF1234567890125",
    "number": "SF1234567890125",
    "phone": "13800138000",
    "code": "440305",
    "region": "浙江省 杭州市 西湖区",
    "reason": "changed_mind",
    "reasons": ["picture_unclear"],
    "starts_at": "2099-01-01T08:00:00Z",
    "ends_at": "2099-01-01T10:00:00Z",
    "street": "科技园路 1 号",
    "target": "activity",
    "item_ids": ["1"],
    "set": 3,
    "how": "pack",
}


@dataclass(frozen=True)
class _Wish:
    values: Mapping[str, Any]
    wanted: frozenset[str]


def least(of: type, values: Mapping[str, Any], *wanted: str) -> dict[str, Any]:
    """A body with every field that must be there and the `wanted` ones, however deep; `values` go by a field's name."""
    beside = {key: value for name in wanted for key, value in _BESIDE.get(name, {}).items()}
    made = _of(inspect.type_info(of), "", _Wish({**values, **beside}, frozenset(wanted)))
    assert isinstance(made, dict)
    return made


def fields_of(of: type) -> Iterator[str]:
    """The names of all fields of a body, however deep."""
    yield from _names(inspect.type_info(of))


def _names(of: inspect.Type) -> Iterator[str]:
    match of:
        case inspect.StructType(fields=fields):
            for one in fields:
                yield one.encode_name
                yield from _names(one.type)
        case inspect.UnionType(types=types):
            for kind in types:
                yield from _names(kind)
        case inspect.ListType(item_type=item) | inspect.VarTupleType(item_type=item):
            yield from _names(item)
        case inspect.Metadata(type=inner):
            yield from _names(inner)
        case _:
            return


def _of(of: inspect.Type, name: str, wish: _Wish) -> Any:  # noqa: C901, PLR0911 - one case a type
    match of:
        case inspect.Metadata(type=inner):
            return _of(inner, name, wish)
        case inspect.StructType(fields=fields):
            inside = {one.encode_name: one for one in fields}
            return {
                key: _value(one, key, wish)
                for key, one in inside.items()
                if one.required or key in _NEEDED or (wish.wanted & {key, *_names(one.type)})
            }
        case inspect.ListType(item_type=item):
            return [_of(item, name, wish)]
        case inspect.UnionType(types=types):
            return _of(next(kind for kind in types if not isinstance(kind, inspect.NoneType)), name, wish)
        case inspect.EnumType(cls=cls):
            return next(iter(cls)).value
        case inspect.LiteralType(values=values):
            return values[0]
        case inspect.IntType(ge=ge, gt=gt):
            return max(ge or 0, (gt or 0) + 1)
        case inspect.BoolType():
            return False
        case inspect.StrType(min_length=shortest):
            return "x" * max(shortest or 1, 1)
        case inspect.DateTimeType():
            return datetime(2099, 1, 1, tzinfo=UTC).isoformat()
        case inspect.DictType():
            return {}
        case _:
            raise TypeError(f"say how a {type(of).__name__} is made ({name})")


def _value(field: inspect.Field, key: str, wish: _Wish) -> Any:
    if key == "request_id":
        return str(uuid.uuid4())
    if key in wish.values:
        listed = isinstance(_bare(field.type), inspect.ListType | inspect.VarTupleType)
        return [wish.values[key]] if listed else wish.values[key]
    return _VALUES[key] if key in _VALUES else _of(field.type, key, wish)


def _bare(of: inspect.Type) -> inspect.Type:
    while isinstance(of, inspect.Metadata):
        of = of.type
    if isinstance(of, inspect.UnionType):
        return _bare(next(kind for kind in of.types if not isinstance(kind, inspect.NoneType)))
    return of


def structs(of: Any) -> bool:
    """Whether a body is one of ours (and not a file)."""
    if not isinstance(of, type) or not issubclass(of, msgspec.Struct):
        return False
    return not any(field.type is UploadFile for field in msgspec.structs.fields(of))
