"""Golden sentences: all states, signs and languages, made by the rule's own code."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest
from verdict_cases import all_rows

from reconcile.sentences import sentence
from reconcile.verdict import STATES
from reconcile.wording import BANNED, LANGUAGES, REASONS, page_notes, reason_text, subject

GOLDEN = json.loads((Path(__file__).parent / "golden_sentences.json").read_text(encoding="utf-8"))
ROWS = all_rows()
EXPECTED_STATES = {
    "z 1.96 exactly": "tension",
    "z 2.58 exactly": "tension",
    "q 0.05 exactly": "tension",
    "information 0.2 exactly": "agrees",
    "information under 0.2": "not determined",
    "null fraction 0.01 exactly": "agrees",
    "null fraction over 0.01": "not determined",
    "detectable half exactly": "agrees",
    "detectable over half": "not determined",
    "declared z 1.96 exactly": "disagrees",
    "80 % of members exactly": "disagrees",
    "under 80 % of members": "tension",
}


def numbers_in(text):
    return Counter(re.findall(r"\u2212?\d+(?:[.\u2009]\d+)*", text))


@pytest.mark.parametrize("name", sorted(ROWS))
def test_golden(name):
    said = {language: sentence(ROWS[name], language) for language in LANGUAGES}
    assert said == GOLDEN[name]


def test_no_golden_sentence_is_left_over():
    assert sorted(GOLDEN) == sorted(ROWS)


@pytest.mark.parametrize("name", sorted(EXPECTED_STATES))
def test_boundaries_speak_the_rules_state(name):
    assert ROWS[name]["verdict"] == EXPECTED_STATES[name]


def test_every_state_and_sign_has_a_case():
    assert {row["verdict"] for row in ROWS.values()} == set(STATES)
    for state in ("disagrees", "differs within declared", "tension"):
        signs = {row["z_number"] > 0 for row in ROWS.values() if row["verdict"] == state}
        assert signs == {True, False}


@pytest.mark.parametrize("name", sorted(ROWS))
def test_both_languages_carry_the_same_numbers(name):
    assert numbers_in(sentence(ROWS[name], "en")) == numbers_in(sentence(ROWS[name], "zh"))


@pytest.mark.parametrize("name", sorted(ROWS))
@pytest.mark.parametrize("language", LANGUAGES)
def test_words_and_marks(name, language):
    text = sentence(ROWS[name], language)
    for word in BANNED[language]:
        assert not re.search(rf"\b{word}" if language == "en" else word, text.lower())
    for literal in ("nan", "None", "inf ", "undefined", "{", "}"):
        assert literal not in text
    assert not re.search(r"-\d", text.replace("2026-06", ""))
    assert text.endswith({"en": ".", "zh": "。"}[language])


def test_clauses_that_must_not_be_missing():
    for row in ROWS.values():
        english, chinese = sentence(row, "en"), sentence(row, "zh")
        if row["verdict"] == "agrees":
            assert "80 % probability" in english
            assert "80% 把握" in chinese
        if row["verdict"] == "not determined":
            assert english.endswith("This is not agreement.")
            assert chinese.endswith("这不表示一致。")


def test_direction_of_the_inventory():
    assert "too low by 0.330 Mt CO₂" in sentence(ROWS["disagrees above"], "en")
    assert "清单偏高 0.330 Mt CO₂" in sentence(ROWS["disagrees below"], "zh")


def test_preliminary_is_said_first():
    row = ROWS["agrees"] | {"preliminary": "yes"}
    assert sentence(row, "en").startswith("Preliminary: Agrees")
    assert sentence(row, "zh").startswith("初步：一致")


def test_a_pure_function_of_the_row():
    row = dict(ROWS["disagrees above"])
    before = dict(row)
    assert sentence(row, "en") == sentence(row, "en")
    assert row == before


def test_unknown_language_is_refused():
    with pytest.raises(ValueError, match="a language must be one of en, zh; got fr"):
        sentence(ROWS["agrees"], "fr")


def test_other_units_are_refused():
    with pytest.raises(ValueError, match="a verdict row must be in t; got kg s-1"):
        sentence(ROWS["agrees"] | {"unit": "kg s-1"}, "en")


def test_subject_names_sector_and_falls_back_on_codes():
    row = ROWS["agrees"] | {"sector": "transport"}
    assert subject(row, "en") == "Xihu District, transport, 2026-06"
    assert subject(row, "zh") == "西湖区，交通，2026-06"
    bare = {name: row[name] for name in ("region", "period_start", "period_end")}
    bare |= {"sector": "cement"}
    assert subject(bare, "en") == "330106, cement, 2026-05-31T16:00:00Z/2026-06-30T16:00:00Z"


def test_every_reason_has_both_languages():
    for code, words in REASONS.items():
        assert set(words) == set(LANGUAGES), code


@pytest.mark.parametrize("name", sorted(ROWS))
def test_reason_column_is_words(name):
    text = reason_text(ROWS[name], "en")
    assert text
    assert "nan" not in text
    assert "{" not in text


def test_page_notes_carry_the_same_numbers():
    assert numbers_in(" ".join(page_notes("en"))) == numbers_in(" ".join(page_notes("zh")))
