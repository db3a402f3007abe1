import pytest

from workers.states import MOVES, OVER, IllegalMove, State, check_move


def test_every_state_has_its_moves_and_what_is_done_stays_done():
    assert set(MOVES) == set(State)
    assert MOVES[State.DONE] == frozenset()
    assert {state for state in State if state.is_over} == OVER


@pytest.mark.parametrize("old", list(State))
@pytest.mark.parametrize("new", list(State))
def test_only_moves_in_the_table_are_allowed(old, new):
    if old == new or new in MOVES[old]:
        check_move(old, new)
    else:
        with pytest.raises(IllegalMove, match=f"{old} cannot become {new}"):
            check_move(old, new)
