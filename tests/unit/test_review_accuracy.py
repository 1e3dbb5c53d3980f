"""The published accuracy of the machine stage, in its short form. `script/bench review` prints all of it."""

from __future__ import annotations

import pytest

from benchmarks import review, review_pictures, review_set


def test_the_committed_set_is_what_its_phrases_make(tmp_path, monkeypatch):
    committed = (review_set.FOLDER / "texts.tsv").read_text("utf-8")
    for name in ("phrases.toml", "innocent.txt"):
        (tmp_path / name).write_text((review_set.FOLDER / name).read_text("utf-8"), "utf-8")
    monkeypatch.setattr(review_set, "FOLDER", tmp_path)
    assert review_set.make() >= 2_000
    assert (tmp_path / "texts.tsv").read_text("utf-8") == committed


@pytest.mark.feature("L-602")
@pytest.mark.feature("L-603")
@pytest.mark.parametrize("held", [False, True])
def test_the_committed_set_is_found_and_nothing_innocent_is(held):
    score = review.committed(held=held)
    assert score.innocent_hits == []
    assert score.recall() >= review.FLOOR
    assert score.precision() >= review.FLOOR
    for label in score.found:
        assert score.recall(label) >= 0.93, label


@pytest.mark.feature("L-603")
@pytest.mark.parametrize("seed", [1, 2])
def test_disguises_of_a_seed_are_seen_through(seed):
    score = review.disguised(seed, most=800)
    assert score.recall() >= review.FLOOR_DISGUISED
    assert score.precision() >= review.FLOOR_DISGUISED


def test_codes_in_pictures_are_found_however_they_lie():
    pictures = review_pictures.judge(each=8)
    assert pictures["found"]["clean"][0] == 0
    assert pictures["recall"] >= review_pictures.FLOOR
