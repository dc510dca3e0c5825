"""Records: JSON objects that a run writes, and reads back with suspicion."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, ValidationError


class Record(BaseModel):
    """A JSON object in a file that anybody may have edited: exact types and finite numbers.

    Keys that are not known are ignored: a later version may have written them.
    """

    model_config = ConfigDict(strict=True, allow_inf_nan=False)


def first_problem(error: ValidationError) -> str:
    """What is wrong, and where, in a few words."""
    problem = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place = ".".join(str(part) for part in problem["loc"])
    return f"{place}: {problem['msg']}" if place else problem["msg"]
