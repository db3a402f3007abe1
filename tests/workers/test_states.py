from workers.states import MOVES, OVER, State


def test_every_state_has_its_moves_and_what_is_done_stays_done():
    assert set(MOVES) == set(State)
    assert MOVES[State.DONE] == frozenset()
    assert {state for state in State if state.is_over} == OVER
