"""Which classes are kinds that everybody may name."""

from typing import ClassVar, Literal

from foldscape.measures.column import Column
from foldscape.registry import kinds
from foldscape.terms import Term


def test_what_a_script_declares_for_itself_is_no_kind_that_others_find():
    before = kinds("foldscape.terms", Term)

    class Mine(Term):
        column: ClassVar[Column] = Column("mine", "mine")
        kind: Literal["mine"] = "mine"

    assert Mine().kind == "mine"
    assert kinds("foldscape.terms", Term) == before
