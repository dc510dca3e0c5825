"""Actions: what can be asked of a run."""

import pytest

from cnntrain.errors import UsageError
from cnntrain.training.control.action import Action


@pytest.mark.parametrize("text", ["lr=0.1", "lr=1e-3", "lr=x0.1", "lr=x.5", "checkpoint", "stop"])
def test_what_can_be_asked_for(text):
    assert Action(text).text == text


@pytest.mark.parametrize("text", ["lr=0", "lr=-1", "lr=x", "lr=nan", "lr=1e999", "go", "", "lr=1 "])
def test_what_cannot_be_asked_for(text):
    with pytest.raises(UsageError, match="expected lr=VALUE, lr=xFACTOR"):
        Action(text)


def test_a_value_makes_the_rate_that_value_and_a_factor_multiplies():
    assert Action("lr=0.01").factor(old=1.0, rate=0.05) * 0.05 == pytest.approx(0.01)
    assert Action("lr=x0.5").factor(old=0.2, rate=0.05) == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("text", "factor", "rate"),
    [
        ("lr=x1e-200", 1e-200, 0.05),  # the factor would be 0
        ("lr=x1e-124", 1e-200, 5e-202),  # the rate would be 0
        ("lr=x1e200", 1e200, 0.05),
        ("lr=1e300", 1.0, 1e-300),
        ("lr=0.1", 1.0, 0.0),  # the schedule has come down to 0
    ],
)
def test_no_action_leads_to_where_none_leads_back_from(text, factor, rate):
    assert Action(text).factor(factor, rate) is None
