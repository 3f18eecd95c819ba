"""The page's three sentences say what the table says."""

import json
import re
from collections import Counter

import pytest
from verdict_cases import all_rows

from reconcile.headline import headline
from reconcile.wording import BANNED, LANGUAGES

ROWS = all_rows()
ORDER = ("agrees", "tension", "differs", "disagrees", "not determined", "not assessed")


def page(city, *districts, **change):
    whole = ROWS[city] | {"family": "city", "region": "all", "region_name": "Hangzhou"}
    whole |= {"region_name_local": "杭州市"} | change
    return [whole, *(ROWS[name] for name in districts)]


def numbers_in(text):
    return Counter(re.findall(r"\u2212?\d+(?:[.\u2009]\d+)*", text))


PAGES = {
    "all states": page("agrees", "agrees", "tension above", "differs below", "disagrees above",
                       "weak test", "not assessed, no_inventory"),
    "differs": page("tension below", "differs above", "agrees"),
    "tension": page("agrees", "tension below"),
    "limits": page("weak test", "low information", "agrees"),
    "quiet": page("agrees", "agrees below"),
    "no certificate": page("not assessed, no_certificate", inflation=None),
    "excluded": page("agrees", excluded_stations=json.dumps({"HZ06": "drift", "HZ03": "scale"})),
    "widened": page("disagrees below", inflation=1.234),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(PAGES))
def test_languages_carry_the_same_numbers_and_no_banned_word(name):
    said = {language: headline(PAGES[name], language) for language in LANGUAGES}
    for english, chinese in zip(said["en"], said["zh"], strict=True):
        assert numbers_in(english) == numbers_in(chinese)
    for language in LANGUAGES:
        text = " ".join(said[language])
        assert "None" not in text
        assert "{" not in text
        for word in BANNED[language]:
            assert not re.search(rf"\b{word}" if language == "en" else word, text.lower())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", sorted(PAGES))
def test_counts_parsed_back_equal_the_table(name, language):
    districts = [row["verdict"] for row in PAGES[name] if row["family"] == "districts"]
    said = headline(PAGES[name], language)
    if not districts:
        assert not any("districts:" in sentence or "个区县市" in sentence for sentence in said)
        return
    counts = [int(number) for number in re.findall(r"\d+", said[1])]
    found = Counter(districts)
    expected = [len(districts)] + [
        sum(found[state] for state in found if state.startswith(start)) for start in ORDER
    ]
    assert counts == expected


def test_total_and_interval_are_the_rows():
    first = headline(PAGES["quiet"], "en")[0]
    assert "Hangzhou, 2026-06: 0.610 Mt CO₂ (95 % interval 0.541–0.679)" in first
    assert "scope 1 only" in first
    assert "80 % probability" in first


def test_an_unchecked_interval_says_so():
    said = headline(PAGES["no certificate"], "en")
    assert "coverage not checked" in said[0]
    assert "was not assessed: the coverage of this network" in said[0]
    assert not any(
        sentence.startswith("What limits this result: the coverage") for sentence in said
    )


def test_a_widened_interval_says_so():
    first = headline(PAGES["widened"], "zh")[0]
    assert "放宽为 1.23 倍" in first
    assert "0.525–0.695" in first


def test_largest_disagreement_wins():
    third = headline(PAGES["all states"], "en")[-1]
    assert third == (
        "Largest disagreement: Xihu District, the inventory is too low by "
        "0.330 Mt CO₂ (0.252–0.408)."
    )


def test_the_largest_of_several_is_named():
    small = ROWS["disagrees above"] | {"region_name": "Small", "atmosphere_only": 8.2e5}
    said = headline([*PAGES["quiet"], small, ROWS["disagrees below"]], "en")[-1]
    assert "Xihu District, the inventory is too high" in said


def test_limits_and_excluded_stations_are_named():
    limits = headline(PAGES["limits"], "en")[-1]
    assert "cannot determine 2 of the totals (Hangzhou, Xihu District)" in limits
    assert headline(PAGES["excluded"], "en")[-1].endswith("left out of this result: HZ03, HZ06.")


def test_two_cities_are_refused():
    with pytest.raises(ValueError, match="must hold one row of the city; got 2"):
        headline(PAGES["quiet"] + PAGES["quiet"], "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_whole_domain_is_no_district(language):
    domain = ROWS["agrees"] | {"family": "districts", "region": "domain"}
    assert headline([*page("agrees"), domain], language) == headline(page("agrees"), language)
