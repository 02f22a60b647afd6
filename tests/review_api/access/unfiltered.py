"""The test's switch: the application's own organisation filter, taken out of every statement before it is executed.

What is left is what the database itself holds back. Conditions that compare `organisation_id` with a given value are
replaced by TRUE; comparisons of two columns stay, as do rows that are written.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BinaryExpression, BindParameter, ClauseElement, Engine, event, true
from sqlalchemy.sql import operators, visitors
from sqlalchemy.sql.dml import Insert


@dataclass
class SwitchedOff:
    """How many statements lost a filter."""

    statements: int = 0


@contextmanager
def without_organisation_filters() -> Iterator[SwitchedOff]:
    """For every engine of this process, until the end of the block."""
    state = SwitchedOff()

    def take_out(connection: Any, statement: Any, multiparams: Any, params: Any, options: Any) -> Any:
        if isinstance(statement, ClauseElement) and not isinstance(statement, Insert):
            bare = visitors.replacement_traverse(statement, {}, _open)
            if str(bare) != str(statement):
                state.statements += 1
                return bare, multiparams, params
        return statement, multiparams, params

    event.listen(Engine, "before_execute", take_out, retval=True)
    try:
        yield state
    finally:
        event.remove(Engine, "before_execute", take_out)


def _open(element: Any, **_: Any) -> Any:
    if (
        isinstance(element, BinaryExpression)
        and element.operator is operators.eq
        and isinstance(element.right, BindParameter)
        and "organisation_id" in str(element.left)
    ):
        return true()
    return None
