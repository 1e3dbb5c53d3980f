"""What is told agrees with what is: errors, timers, the list of features, the docs and their links."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from liveshelf.accounts.types import ROLE_PERMISSIONS, Permission
from liveshelf.entry import registry
from liveshelf.entry.reference.features import marks, read_features
from liveshelf.flows.notices import NOTICES, ToBuyer
from liveshelf.flows.reactions import REACTIONS
from liveshelf.kernel.errors import DomainError, leaves
from liveshelf.platform.events import Defer, Event, Gather
from tests.tidy.tree import ROOT, tracked

registry.everything()
ERRORS = sorted(set(leaves()), key=lambda error: error.code)
FEATURES = read_features(ROOT / "docs" / "features.csv")
PAGES = [path for path in tracked() if path.suffix == ".md" and "node_modules" not in path.parts]


def test_every_refusal_has_a_code_of_its_own_and_a_sentence() -> None:
    twice = [code for code, count in Counter(error.code for error in ERRORS).items() if count > 1]
    assert twice == []
    for error in ERRORS:
        assert re.fullmatch(r"[a-z]+\.[a-z_0-9]+", error.code), error
        assert error.title.endswith("."), error
        assert 400 <= error.status < 600, error
        assert error.__doc__, error


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_a_role_may_do_has_words(language: str) -> None:
    texts = json.loads((ROOT / f"web/console/src/features/accounts/text.{language}.json").read_text())["permission"]
    said = {f"{noun}.{verb}" for noun, verbs in texts.items() for verb in verbs}
    assert {one.value for may in ROLE_PERMISSIONS.values() for one in may} <= said
    assert len(said) > 1


def test_every_refusal_is_in_the_docs() -> None:
    page = (ROOT / "docs" / "reference" / "errors.md").read_text()
    assert [error.code for error in ERRORS if f"| `{error.code}` |" not in page] == []


def test_a_refusal_inherits_what_kind_it_is() -> None:
    # The five middle classes say the kind; a leaf below the root alone would have none.
    assert [error for error in DomainError.__subclasses__() if not error.__module__.endswith("kernel.errors")] == []


def test_every_time_limit_has_an_owner_and_a_promise() -> None:
    timers = registry.timers()
    assert len({timer.name for timer in timers}) == len(timers)
    for timer in timers:
        assert timer.owner, timer.name
        assert timer.promise.endswith("."), timer.name
        assert timer.every_s > 0, timer.name


def test_a_limit_on_the_board_says_what_happens_and_how_it_is_listed() -> None:
    known = {feature.id for feature in FEATURES}
    for timer in registry.timers():
        assert set(timer.features) <= known, timer.name
        if timer.warning is not None:
            assert timer.pending is not None, timer.name
            assert timer.warning.to in set(Permission), timer.name
        if timer.pending is not None:
            assert timer.escalation.endswith("."), timer.name
            columns = [column.name for column in timer.pending.selected_columns]
            assert columns == ["subject", "due_at", "paused_at", "paused_reason"], timer.name


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_every_clock_on_the_board_has_a_name_for_people(locale: str) -> None:
    path = f"web/console/src/features/clocks/text.{locale}.json"
    words = json.loads((ROOT / path).read_text())["name"]
    shown = {timer.name for timer in registry.timers() if timer.pending is not None}
    assert shown <= {f"{owner}.{name}" for owner, names in words.items() for name in names}, f"see {path}"


def test_every_job_has_a_promise_and_every_reaction_a_job() -> None:
    jobs = {job.name for job in registry.jobs()}
    assert all(job.promise.endswith(".") for job in registry.jobs())
    asked = {one.job for reactions in REACTIONS.values() for one in reactions if isinstance(one, Defer | Gather)}
    assert asked <= jobs
    assert set(REACTIONS) <= set(_event_names())


def test_events_have_names_of_their_own() -> None:
    names = list(_event_names())
    assert len(set(names)) == len(names)


def _events():
    todo = [Event]
    while todo:
        event = todo.pop()
        todo += event.__subclasses__()
        if isinstance(getattr(event, "name", None), str):
            yield event


def _event_names():
    return (event.name for event in _events())


def test_the_list_of_features_is_whole() -> None:
    assert len(FEATURES) == 317
    assert len({feature.id for feature in FEATURES}) == 317


def test_every_marker_names_a_feature() -> None:
    known = {feature.id for feature in FEATURES}
    assert [mark for mark in marks(ROOT / "tests") if mark.feature not in known] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_to_files(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text())
    inner = [target for target in targets if "://" not in target and not target.startswith("mailto:")]
    assert [target for target in inner if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", sorted((ROOT / "docs" / "decisions").glob("0*.md")), ids=lambda page: page.stem)
def test_a_decision_is_one_sentence_and_names_what_holds_it(page: Path) -> None:
    text = page.read_text()
    (decision,) = re.findall(r"## Decision\n\n> (.+)\n", text)
    assert decision.endswith(".")
    for heading in ("Context", "Consequences", "Alternatives", "Held in place by"):
        assert f"## {heading}\n" in text
    named = re.findall(r"`((?:tests|src|web|docs)/[\w./-]+)`", text.split("## Held in place by")[1])
    assert [path for path in named if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_every_notice_has_its_words_and_only_facts_that_it_carries(locale: str) -> None:
    words = {
        app: json.loads((ROOT / f"web/{app}/src/features/messages/text.{locale}.json").read_text())["kind"]
        for app in ("console", "buyer")
    }
    fields = {event.name: set(event.__struct_fields__) for event in _events()}
    used: dict[str, set[str]] = {"console": set(), "buyer": set()}
    for name, rows in NOTICES.items():
        for row in rows:
            app = "buyer" if isinstance(row.to, ToBuyer) else "console"
            used[app].add(row.kind)
            assert row.kind in words[app], f"{row.kind}: add its words to web/{app}/src/features/messages/text.*.json"
            holes = set(re.findall(r"\{(\w+)\}", words[app][row.kind]))
            assert holes <= set(row.facts), row.kind
            subject = {row.subject.partition(":")[2]} if row.subject else set()
            assert {*row.facts, *(row.only or {}), *subject} <= fields[name], row.kind
            if isinstance(row.to, ToBuyer):
                assert {"customer_id", "order_id"} & fields[name], f"{name} names no buyer"
    assert {app: set(kinds) for app, kinds in words.items()} == used
