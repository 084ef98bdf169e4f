"""The runner of reference results finds wrong numbers, however they are nested, and lets nothing pass in silence."""

import json
import math
import sys
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks.references import __main__ as runner
from benchmarks.references.comparing import INPUT, SetAside, compare
from benchmarks.references.entries import CALCULATIONS, Reference, computes, read_references
from benchmarks.references.topics import coverage

NAN = float("nan")


def wrong(expected: object, computed: object, *, rel: float = 1e-6, absolute: float = 1e-9) -> list[str]:
    """Name the places that are off."""
    found = compare(expected, computed, rel=rel, absolute=absolute)
    return [one.place for one in found if not one.is_ok]


def reference(expected: object, *, name: str = "invented", file: str = "inline 3/4") -> Reference:
    return Reference(name, "topic", file, "method", expected, rel=1e-6, absolute=1e-9, folder=Path())


# ---------------------------------------------------------------- comparing


@pytest.mark.parametrize(
    ("expected", "computed", "places"),
    [
        ({"t": 2.0}, {"t": 2.0, "beyond": 7}, []),
        ({"t": 2.0}, {"t": 2.1}, ["t"]),
        ({"ci95": [1.0, 3.0]}, {"ci95": (1.0, 3.5)}, ["ci95[1]"]),
        ({"a": {"b": [{"p": 0.5}, {"p": 0.1}]}}, {"a": {"b": [{"p": 0.5}, {"p": 0.2}]}}, ["a.b[1].p"]),
        ([{"pair": "b-a", "diff": 1}], [{"pair": "b-c", "diff": 1}], ["[0].pair"]),
        ({"p": [0.1, None]}, {"p": [0.1, NAN]}, []),
        ({"p": [0.1, None]}, {"p": [0.1, 0.2]}, ["p[1]"]),
        ({"p": [0.1, 0.2]}, {"p": [0.1, NAN]}, ["p[1]"]),
        ({"p": [0.1, 0.2]}, {"p": [0.1]}, ["p"]),
        ({"p": [0.1]}, {"p": 0.1}, ["p"]),
        ({"p": 0.1}, {"p": [0.1]}, ["p"]),
        ({"t": 2.0, "df": 3}, {"t": 2.0}, ["df"]),
        ({"t": 2.0}, None, ["t"]),
        ({"order": ["a", "b"]}, {"order": ["b", "a"]}, ["order[0]", "order[1]"]),
        ({"beyond": []}, {"beyond": [15]}, ["beyond"]),
        ({"n": 5}, {"n": "5"}, ["n"]),
    ],
)
def test_wrong_places_are_named(expected, computed, places):
    assert wrong(expected, computed) == places


@pytest.mark.parametrize(("rel", "absolute", "is_ok"), [(0.01, 0, True), (0, 1.0, True), (0.005, 0.5, False)])
def test_the_larger_tolerance_counts_and_not_their_sum(rel, absolute, is_ok):
    assert (not wrong({"n": 100}, {"n": 100.9}, rel=rel, absolute=absolute)) is is_ok


def test_a_zero_needs_an_absolute_tolerance():
    assert wrong({"p": 0}, {"p": 1e-8}, rel=0.5, absolute=0) == ["p"]
    assert wrong({"p": 0}, {"p": 1e-10}) == []


def test_infinite_numbers_are_equal_to_themselves_only():
    assert wrong({"p": math.inf}, {"p": math.inf}) == []
    assert wrong({"p": 1.0}, {"p": math.inf}) == ["p"]


def test_what_is_set_aside_is_not_compared_and_says_why():
    computed = {"d": SetAside("g is given"), "x": INPUT, "t": 2.0}
    found = list(compare({"d": [1, 2], "x": 3, "t": 2.0}, computed, rel=0, absolute=0))
    assert [(one.place, one.reason) for one in found] == [("d", "g is given"), ("x", ""), ("t", None)]


# ---------------------------------------------------------------- one reference


def outcome(expected: object, computed: object) -> runner.Outcome:
    return runner.check(reference(expected), {"invented": lambda given: computed})


def test_a_wrong_number_is_a_miss():
    assert outcome({"t": 2.0}, {"t": 2.0}).result == runner.OK
    assert outcome({"t": 2.0}, {"t": 2.1}).result == runner.MISS
    assert outcome({"t": 2.0}, {"t": 2.1}).worst == pytest.approx(0.05)


def test_a_reference_with_nothing_to_compare_is_not_ours():
    assert outcome({"t": 2.0}, SetAside("elsewhere")).result == runner.NOT_OURS


def test_a_number_that_is_simply_not_computed_is_a_miss():
    assert outcome({"t": 2.0, "p": 0.1}, {"t": 2.0}).result == runner.MISS


def test_a_reference_that_nobody_computes_is_a_miss():
    assert runner.check(reference({"t": 1}), {}).result == runner.MISS


def test_an_error_is_a_miss_and_no_end():
    found = runner.check(reference({"t": 1}), {"invented": lambda given: 1 / 0})
    assert (found.result, found.error) == (runner.MISS, "ZeroDivisionError: division by zero")


def test_inline_numbers_are_read_in_their_order():
    assert reference({}, file="inline smokers=83,90 of n1=86,93.5").numbers() == [83, 90, 86, 93.5]


def test_nothing_is_computed_twice():
    with pytest.raises(ValueError, match="moe_fpc"):
        computes("moe_fpc")(coverage.margins)
    assert CALCULATIONS["moe_fpc"] is coverage.margins


# ---------------------------------------------------------------- the whole


def write_references(folder: Path, *, margin: float) -> Path:
    """Write an invented file: a census has no margin of error, and ±1.959964 · 0.5/√100 is that of 100 answers."""
    entry = {
        "id": "moe_fpc",
        "topic": "margin_of_error",
        "file": "inline",
        "method": "half-width of a share of a half",
        "expected": {"n100_Ninf": margin, "n400_N400_census": 0},
        "tolerance": {"rel": 1e-4, "abs": 1e-6},
    }
    path = folder / "references.json"
    path.write_text(json.dumps({"references": [entry]}), encoding="utf-8")
    return path


@pytest.mark.parametrize(("margin", "code", "word"), [(0.0979982, 0, "ok"), (0.1, 1, "MISS")])
def test_the_command_gives_1_where_a_number_is_off(tmp_path, monkeypatch, capsys, margin, code, word):
    path = write_references(tmp_path, margin=margin)
    monkeypatch.setattr(sys, "argv", ["references", str(path), "--data", str(tmp_path)])
    assert runner.main() == code
    printed = capsys.readouterr().out
    assert word in printed
    assert "2 numbers compared" in printed
    assert ("n100_Ninf: expected 0.1, computed 0.09" in printed) is bool(code)


def test_reasons_are_printed(tmp_path, capsys):
    [given] = read_references(write_references(tmp_path, margin=0.1), folder=tmp_path)
    runner.report(
        [runner.check(given, {given.id: lambda one: SetAside("counted elsewhere")})],
        console=Console(width=100),
    )
    printed = capsys.readouterr().out
    assert "set aside moe_fpc (all): counted elsewhere" in printed
    assert "0 ok, 0 MISS, 1 not ours" in printed
