"""Whole files or none; the same content, the same bytes."""

import json

import pytest

from contracts.files import atomic_path, canonical_hash, file_hash, write_csv, write_json


def test_a_failure_leaves_the_old_file(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(RuntimeError, match="stop"), atomic_path(path) as temporary:
        temporary.write_text("new")
        msg = "stop"
        raise RuntimeError(msg)
    assert path.read_text() == "old"
    assert [item.name for item in tmp_path.iterdir()] == ["a.txt"]


def test_csv_has_empty_cells_for_what_does_not_exist(tmp_path):
    path = tmp_path / "a.csv"
    write_csv(path, ["a", "b", "c"], [{"a": float("nan"), "b": None, "c": 0.1}])
    assert path.read_bytes() == b"a,b,c\n,,0.1\n"


def test_csv_refuses_unknown_columns(tmp_path):
    with pytest.raises(ValueError, match="must be among"):
        write_csv(tmp_path / "a.csv", ["a"], [{"b": 1}])


def test_json_refuses_nan(tmp_path):
    with pytest.raises(ValueError, match="JSON"):
        write_json(tmp_path / "a.json", {"a": float("nan")})


def test_json_is_canonical(tmp_path):
    write_json(tmp_path / "a.json", {"b": 1, "a": 2})
    write_json(tmp_path / "b.json", {"a": 2, "b": 1})
    assert file_hash(tmp_path / "a.json") == file_hash(tmp_path / "b.json")
    assert json.loads((tmp_path / "a.json").read_text()) == {"a": 2, "b": 1}
    assert canonical_hash([1]) != canonical_hash([2])
