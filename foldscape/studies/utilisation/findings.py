"""Hold what was claimed against the study's own counts (docs/utilisation.md)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from foldscape.studies.base import Finding, Holds, Source
from foldscape.studies.utilisation.intervals import FEWEST_DRAWS, Share, Span, difference, newcombe, ratio
from foldscape.studies.utilisation.methods import METHODS, PERIODS, TAUS, Count, MethodName, SetName
from foldscape.studies.utilisation.spec import MethodRow

RowsByMethod = dict[MethodName, MethodRow]

TREND = {0.0: 2.0, 0.01: 1.8}
"""Factor by which folding beat random weights on ``sine`` in the earlier runs, at least, by threshold."""
FOLDING: tuple[MethodName, ...] = ("gradmax", "newton")


def findings(rows: Iterable[MethodRow]) -> tuple[Finding, ...]:
    """Judge every claim that these rows can speak to.

    Args:
        rows: The finished rows.

    Returns:
        A finding a claim, in the order of the publication.
    """
    rows = list(rows)
    found: list[Finding] = []
    for data in PERIODS:
        by_method = {row.method: row for row in rows if row.data == data and row.tally is not None}
        found += [*_published(data, by_method), *_trend(data, by_method), *_earlier(data, by_method)]
    return tuple(found)


def verdict(found: Iterable[Finding]) -> str:
    """Say in one sentence what became of the published claims; nothing where none could be judged."""
    published = [finding for finding in found if finding.source == "published"]
    more = [finding.holds for finding in published if finding.key.endswith(".more")]
    factor = [finding.holds for finding in published if finding.key.endswith(".factor")]
    if not more:
        return ""
    if more.count("yes") == len(more):
        helps = "Growing helps here too, on every data set and at both thresholds"
    elif "yes" in more:
        helps = f"Growing helps here in {more.count('yes')} of {len(more)} comparisons"
    else:
        helps = "That growing helps cannot be seen here" if "no" not in more else "Growing does not help here"
    if "yes" not in factor and "no" in factor:
        return f"{helps}; the published factor is not met."
    return f"{helps}{', by a factor like the published one' if factor.count('yes') == len(factor) else ''}."


def _published(data: SetName, rows: RowsByMethod) -> Iterator[Finding]:
    """Growing helps; and it helps by the published factor."""
    grown, random = METHODS["gradmax"].published, METHODS["random_init"].published
    if "random_init" not in rows or "gradmax" not in rows or grown is None or random is None:
        return
    one, other = rows["gradmax"], rows["random_init"]
    counts = f"{grown.reached} against {random.reached} of {grown.of:,}"
    for tau, said in ((0.0, counts), (0.01, "the source does not say how near to the best counts")):
        claim = f"{data}: more grown nets than random ones {_reach(tau)} ({said})"
        yield _more_often(f"{data}.more", claim, "published", one, other, tau)
    factor = (grown.reached / grown.of) / (random.reached / random.of)
    between = ratio(shares(one, 0.0), shares(other, 0.0))
    words, holds = _counts(one, other, 0.0), "open"
    if between is not None:
        ours = (_within(one, 0.0) / one.nets) / (_within(other, 0.0) / other.nets)
        words += f": factor {ours:.1f}, between {between.low:.1f} and {between.high:.1f} (95 %)"
        holds = "yes" if between.has(factor) else "no"
    claim = f"{data}: by the factor {factor:.1f}"
    yield Finding(key=f"{data}.factor", claim=claim, source="published", holds=holds, words=f"{words}.")


def _trend(data: SetName, rows: RowsByMethod) -> Iterator[Finding]:
    """Judge what the earlier runs showed beyond single counts: on ``sine`` by how much, and which rule is better."""
    folding = [rows[name] for name in FOLDING if name in rows]
    if data == "sine" and "random_init" in rows and folding:
        other = rows["random_init"]
        for tau, factor in TREND.items():
            one = max(folding, key=lambda row: _within(row, tau))
            claim = f"sine: folded nets {_reach(tau)} at least {factor:g} times as often as random ones"
            holds: Holds = "yes" if _within(one, tau) >= factor * _within(other, tau) else "no"
            words = f"{_counts(one, other, tau)}."
            yield Finding(key="sine.times", claim=claim, source="earlier", holds=holds, words=words)
    if "gradmax" in rows and "align" in rows:
        claim = f"{data}: gradmax finds better directions than align"
        yield _more_often(f"{data}.gradmax", claim, "earlier", rows["gradmax"], rows["align"], 0.0)
    if data == "sine15" and "random_w" in rows and "align" in rows:
        claim = "sine15: align is worse than a random fold, for its fold lies on the boundary itself"
        yield _more_often("sine15.align", claim, "earlier", rows["random_w"], rows["align"], 0.0)


def _earlier(data: SetName, rows: RowsByMethod) -> Iterator[Finding]:
    """Judge each count of the earlier runs, which all learned one draw of the points."""
    for row in rows.values():
        method = METHODS[row.method]
        perfect, near = (method.perfect or {}).get(data), (method.near or {}).get(data)
        if perfect is None or near is None or row.tally is None:
            continue
        found = [
            (name, *_agrees(count, [Share(getattr(draw, kind), draw.nets) for draw in row.draws]))
            for name, kind, count in (("without a mistake", "perfect", perfect), ("with 99 %", "near", near))
        ]
        counts = f"{perfect.reached:,} of {perfect.of:,} without a mistake, {near.reached:,} with 99 %"
        words = f"Here {row.tally.perfect:,} and {row.tally.near:,} of {row.nets:,}"
        words += "".join(f"; {name}: {said}" for name, _, said in found) + "."
        agree = [holds for _, holds, _ in found]
        holds: Holds = "no" if "no" in agree else "open" if "open" in agree else "yes"
        claim = f"{data}, {row.label}: {counts}"
        yield Finding(key=f"{row.key}.count", claim=claim, source="earlier", holds=holds, words=words)


def _agrees(count: Count, draws: list[Share]) -> tuple[Holds, str]:
    """Judge an earlier count, which comes from one draw of the points, by what our draws give.

    It is ours where chance alone may part it from all draws together, and not where it is further from every draw than
    chance allows. Between these the draws differ too much for one of them to say anything.

    Returns:
        Whether it holds, and why in words.
    """
    earlier = Share(count.reached, count.of)
    together = Share(sum(draw.reached for draw in draws), sum(draw.of for draw in draws))
    if newcombe(together, earlier).has(0):
        return "yes", "within what chance allows"
    low, high = min(draw.value for draw in draws), max(draw.value for draw in draws)
    if not low <= earlier.value <= high and not any(newcombe(draw, earlier).has(0) for draw in draws):
        which = f"any of the {len(draws)} draws" if len(draws) > 1 else "this draw"
        return "no", f"further from {which} than chance allows"
    return "open", f"the draws give from {low:.0%} to {high:.0%}, so one of them, then {earlier.value:.0%}, cannot tell"


def _more_often(key: str, claim: str, source: Source, one: MethodRow, other: MethodRow, tau: float) -> Finding:
    between = difference(shares(one, tau), shares(other, tau))
    words = f"{_counts(one, other, tau)}; difference {100 * between.low:+.1f} to {100 * between.high:+.1f} points (95 %"
    words += f", over {len(one.draws)} draws)." if len(one.draws) >= FEWEST_DRAWS else ")."
    return Finding(key=key, claim=claim, source=source, holds=_sign(between), words=words)


def shares(row: MethodRow, tau: float) -> list[Share]:
    """Give the share of a row's nets within a threshold of the best, draw by draw."""
    at = TAUS.index(tau)
    return [Share(draw.within[at], draw.nets) for draw in row.draws]


def _within(row: MethodRow, tau: float) -> int:
    return sum(share.reached for share in shares(row, tau))


def _counts(one: MethodRow, other: MethodRow, tau: float) -> str:
    return f"{one.label} {_within(one, tau):,}, {other.label} {_within(other, tau):,} of {other.nets:,}"


def _reach(tau: float) -> str:
    return "reach the best accuracy" if tau == 0 else f"come within {tau:g} of the best accuracy"


def _sign(between: Span) -> Holds:
    return "yes" if between.low > 0 else "no" if between.high < 0 else "open"
