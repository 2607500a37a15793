"""Every mode of every file takes the slots that its file says, counted here in another way; and it reads back so."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from showctl.library.importers.found import Found
from showctl.library.importers.into_show import put_into, same_slots
from showctl.library.importers.read import read_bytes, read_file
from showctl.showfile.book import Book, changed_copy
from showctl.showfile.load import load
from tests.cli.shows import copy_of_small
from tests.library.importers import counting, made

SAMPLES = Path(__file__).parent / "samples"


def footprints(found: Found) -> dict[str, int]:
    return {mode.name: mode.footprint for mode in found.types[0].modes}


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.json")), ids=lambda path: path.stem)
def test_open_fixture_library_samples_take_the_slots_that_their_modes_list(path: Path) -> None:
    assert footprints(read_file(path)) == counting.ofl_footprints(path.read_bytes())


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.qxf")), ids=lambda path: path.stem)
def test_qlcplus_samples_take_the_slots_up_to_their_highest_number(path: Path) -> None:
    assert footprints(read_file(path)) == counting.qxf_footprints(path.read_bytes())


@pytest.mark.parametrize("seed", range(40))
def test_any_gdtf_has_the_footprint_it_was_made_with(seed: int) -> None:
    data, known = made.any_gdtf(random.Random(seed))
    assert known == counting.gdtf_footprints(data), "the builder and the counter agree"
    assert footprints(read_bytes(data, "any.gdtf")) == known


@pytest.mark.parametrize("seed", range(40))
def test_any_open_fixture_library_file_has_the_footprint_it_was_made_with(seed: int) -> None:
    data, known = made.any_ofl(random.Random(seed))
    text = json.dumps(data).encode()
    assert known == counting.ofl_footprints(text), "the builder and the counter agree"
    assert footprints(read_bytes(text, "any.json")) == known


@pytest.mark.parametrize("seed", range(40))
def test_any_qlcplus_definition_has_the_footprint_it_was_made_with(seed: int) -> None:
    data, known = made.any_qxf(random.Random(seed))
    assert known == counting.qxf_footprints(data), "the builder and the counter agree"
    assert footprints(read_bytes(data, "any.qxf")) == known


def test_whatever_is_imported_reads_back_slot_for_slot(tmp_path: Path) -> None:
    """All of them at once into one show: loading it proves each mode (``put_into`` refuses one that reads back otherwise)."""
    every = [read_file(path) for path in sorted(SAMPLES.glob("*.[jq]*"))]
    for seed in range(12):
        ofl = json.dumps(made.any_ofl(random.Random(seed))[0]).encode()
        texts = (made.any_gdtf(random.Random(seed))[0], ofl, made.any_qxf(random.Random(seed))[0])
        every += [read_bytes(text, f"{kind}_{seed}") for kind, text in zip(("gdtf", "ofl", "qxf"), texts, strict=True)]
    book = Book.open(copy_of_small(tmp_path / "show"))
    change = put_into(book, every)
    with changed_copy(change) as folder:
        show = load(folder).show
    assert show is not None
    for found in every:
        kind = found.types[0]
        modes = {mode.name: mode for mode in show.fixture_types[kind.name].modes}
        for mode in kind.modes:
            assert same_slots(mode, modes[mode.name]), (kind.label, mode.name)
            assert modes[mode.name].cells == mode.cells
