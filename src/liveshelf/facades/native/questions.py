"""Questions of viewers, for the people of the room: who waits for an answer, and who gave it."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import get, post

from liveshelf.accounts import queries as accounts
from liveshelf.accounts.types import Operator
from liveshelf.facades.native.rooms import comment_number
from liveshelf.facades.native.shell import RequestId, SmallId, instant, once, staff
from liveshelf.flows import room_talk
from liveshelf.kernel.ids import RoomId
from liveshelf.platform.runtime import Runtime
from liveshelf.rooms import questions
from liveshelf.rooms.types import COMMENT_MAX

_QUESTIONS = "/shops/{shop_id:int}/rooms/{room_id:int}/questions"


class AnswerIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An answer; an empty text means that it was given aloud."""

    request_id: RequestId
    text: Annotated[str, msgspec.Meta(max_length=COMMENT_MAX)] = ""


class QuestionView(msgspec.Struct, frozen=True):
    """A comment that asks something."""

    comment_id: str
    buyer: str
    text: str
    at: str
    answered_by: str | None
    answered_at: str | None


class QuestionList(msgspec.Struct, frozen=True):
    """The newest open questions, the oldest of them first, and what was answered last. `waits` counts all open."""

    waiting: list[QuestionView]
    waits: int
    answered: list[QuestionView]


@get(_QUESTIONS, dependencies=staff("rooms.read"), tags=["rooms"])
async def list_questions(room_id: SmallId, operator: Operator, runtime: Runtime) -> QuestionList:
    """What viewers ask in the room."""
    return await _shown(runtime, operator, RoomId(room_id))


@post(f"{_QUESTIONS}/{{comment_id:str}}/answer", dependencies=staff("rooms.live"), tags=["rooms"], status_code=200)
async def answer_question(
    room_id: SmallId, comment_id: str, data: AnswerIn, *, operator: Operator, runtime: Runtime
) -> QuestionList:
    """Take a question as answered, by a comment of the anchor or aloud. It is answered once."""
    number = comment_number(comment_id)
    told = once(f"rooms.{room_id}.answer.{number}", data.request_id, data, type(None))
    await room_talk.answer(runtime, operator, RoomId(room_id), number, text=data.text, once=told)
    return await _shown(runtime, operator, RoomId(room_id))


async def _shown(runtime: Runtime, operator: Operator, room_id: RoomId) -> QuestionList:
    async with runtime.db.read(operator.shop) as tx:
        found = await questions.asked(tx, room_id)
        names = await accounts.names(tx, [one.answered_by for one in found.answered if one.answered_by is not None])
    return QuestionList(
        [_view(one, names) for one in found.waiting], found.waits, [_view(one, names) for one in found.answered]
    )


def _view(one: questions.Question, names: dict[str, str]) -> QuestionView:
    by = one.answered_by
    return QuestionView(
        one.comment.comment_id,
        one.comment.by.name,
        one.comment.text,
        one.comment.at,
        None if by is None else names.get(by, by),
        instant(one.answered_at),
    )


ROUTES = [list_questions, answer_question]
