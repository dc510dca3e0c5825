"""Columns of a table by name, by pattern and by number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnntrain.data.formats.columns import Columns
from cnntrain.errors import DataError

NAMES = ("id", "", "a.b", "a1", "a2", "a*")
COLUMNS = Columns("t.csv", NAMES)


@pytest.mark.parametrize(
    ("chosen", "found"),
    [
        (["a2", "id"], [4, 0]),
        (["a?"], [3, 4, 5]),
        (["a*"], [5]),  # a name before a pattern
        (["*1", "a?", 3], [3, 4, 5]),
        (["a.?"], [2]),
        (["*"], [0, 1, 2, 3, 4, 5]),
        ([-1, 0, 5], [5, 0]),
        (["[a]?", "a1"], None),
    ],
)
def test_columns_come_in_the_order_of_the_setting_and_of_the_table(chosen, found):
    if found is None:
        with pytest.raises(DataError, match=r"t.csv: no column matches \[a\]\?, there are id, a.b"):
            COLUMNS.several(tuple(chosen), "data.columns")
    else:
        assert COLUMNS.several(tuple(chosen), "data.columns") == found


@given(st.text())
def test_any_text_names_columns_or_is_refused(text):
    try:
        assert set(COLUMNS.several(text, "data.columns")) <= set(range(6))
    except DataError as error:
        assert "\n" not in str(error)
