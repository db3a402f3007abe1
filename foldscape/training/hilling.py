"""Hills within a run: when one is put, and what commands make of those that stand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
from pydantic import ValidationError

from foldscape import commands as say
from foldscape.chance import generator
from foldscape.errors import NotPossible
from foldscape.events import CommandTaken, Event, HillPut
from foldscape.losses.cross_entropy import softmax
from foldscape.net.mlp import Weights
from foldscape.probes.hills import HillsProbe
from foldscape.terms import HillPenalty
from foldscape.terms.held import together
from foldscape.terms.hills import hills_among
from foldscape.terms.standing import RECENT, Standing, distance, fixed_points
from foldscape.training.plateau import PlateauWatch
from foldscape.training.running import Running
from foldscape.training.scores import train_scores


class Hilling:
    """Puts hills where the net of a run stands, and changes them.

    Args:
        run: The run.
        measure: Measures it when it is another than a moment ago.
    """

    def __init__(self, run: Running, measure: Callable[[], Iterator[Event]]) -> None:
        self._run, self._measure = run, measure

    def obey(self, command: say.Hill | say.SetHills) -> Iterator[Event]:
        """Carry out a command.

        Args:
            command: The command.

        Returns:
            What is told of it.

        Raises:
            NotPossible: If no hill can be put here, or the engine cannot carry them out.
        """
        term = self._term or HillPenalty()
        if isinstance(command, say.Hill):
            settled = self._settled(term, command.sigma)
            self._adopt(term)
            return self._put(term, *settled, "command")
        self._change(term, command)
        return self._measure()

    def saw_epoch(self) -> Iterator[Event]:
        """Take in the end of an epoch, and put a hill if one is due.

        Yields:
            What is told of it.
        """
        if (term := self._term) is None:
            return
        self._standing = standing = self._standing.after_epoch(tuple(self._run.subject.net.flat()))
        if not (by := self._due(term, standing)):
            return
        try:
            settled = self._settled(term)
        except NotPossible as error:
            refused = say.Hill().model_dump(mode="json")
            yield CommandTaken(**self._run.subject.stamp(), command=refused, refused=str(error))
            return
        yield self._placed(term, *settled, by)

    @property
    def _term(self) -> HillPenalty | None:
        return hills_among(self._run.subject.terms)

    @property
    def _standing(self) -> Standing:
        return Standing.among(self._run.engine.held)

    @_standing.setter
    def _standing(self, standing: Standing) -> None:
        engine = self._run.engine
        others = {name: blocks for name, blocks in engine.held.items() if not name.startswith("hills.")}
        engine.held = others | together({"hills": standing.held()})

    def _due(self, term: HillPenalty, standing: Standing) -> str:
        """Say by which rule a hill is due at the end of this epoch; empty where none is."""
        epoch = self._run.epoch
        if epoch in term.at_epochs or (term.every and epoch % term.every == 0):
            return "epoch"
        if term.on_plateau is None:
            return ""
        watch = PlateauWatch(term.on_plateau.patience, term.on_plateau.min_delta, list(standing.losses))
        flat = watch.is_flat(train_scores(self._run.subject).loss)
        self._standing = replace(standing, losses=np.array(watch.losses))
        return "plateau" if flat else ""

    def _settled(self, term: HillPenalty, sigma: float | None = None) -> tuple[float, float]:
        """Give width and reference of a hill that is put here."""
        net = self._run.subject.net
        _refuse(term, net)
        if not net.is_finite():
            raise NotPossible("The net has left the finite numbers.", hint="Lower the learning rate.")
        if sigma is not None or term.sigma is not None:
            return sigma or term.width_of(np.nan), np.nan
        reference = self._reference()
        if not reference > 0:
            raise NotPossible(
                "The width of a hill is a multiple of the way that the net has come, and it has not moved yet.",
                hint="Train for an epoch, or give sigma.",
            )
        return term.width_of(reference), reference

    def _reference(self) -> float:
        """Give the way of the last epochs; where not all were kept track of, its share of the line from the start."""
        # A run that was told of hills a moment ago has come no way since then, which says nothing of its pace.
        run, net, standing = self._run, self._run.subject.net, self._standing
        tracked = len(standing.lengths)
        if standing.last and tracked >= min(RECENT, int(run.subject.epoch)):
            return standing.way(net.flat())
        first = run.first.flat()
        if [part.shape for part in first] != [part.shape for part in net.flat()]:
            if tracked:
                return standing.way(net.flat())
            raise NotPossible(
                "The net has grown, and nobody kept track of the way that it has come.",
                hint="Give sigma, or set_hills first and train for an epoch.",
            )
        epochs = max(run.subject.epoch, 1.0)
        return distance(first, net.flat()) * min(RECENT, epochs) / epochs

    def _adopt(self, term: HillPenalty) -> None:
        """Give the run these hills, in the place of those that it has."""
        run, subject = self._run, self._run.subject
        if term not in subject.terms:
            others = tuple(each for each in subject.terms if not isinstance(each, HillPenalty))
            run.engine.terms = subject.terms = (*others, term)
        standing = self._standing
        if not standing.last:
            self._standing = replace(standing, last=tuple(subject.net.flat()))
        if not any(isinstance(probe, HillsProbe) for probe in run.state.probes):
            run.change(probes=(*run.state.probes, HillsProbe()))

    def _change(self, term: HillPenalty, command: say.SetHills) -> None:
        given = command.model_dump(exclude={"kind", "remove"}, exclude_none=True)
        if command.sigma_rel is not None:
            given["sigma"] = None
        try:
            changed = HillPenalty.model_validate(term.model_dump() | given)
        except ValidationError as error:
            said = str(error.errors()[0]["msg"]).removeprefix("Value error, ")
            raise NotPossible(f"{said[:1].upper()}{said[1:]}.") from None
        _refuse(changed, self._run.subject.net)
        self._adopt(changed)
        standing = self._standing.only(slice(0, {"none": None, "last": -1, "all": 0}[command.remove]))
        standing = standing.only(slice(-changed.most, None))
        if command.sigma is not None or command.sigma_rel is not None:
            known = np.isfinite(standing.reference)
            relative = np.where(known, changed.sigma_rel * standing.reference, standing.sigma)
            standing = replace(standing, sigma=np.full(len(standing), command.sigma) if command.sigma else relative)
        self._standing = standing

    def _put(self, term: HillPenalty, sigma: float, reference: float, by: str) -> Iterator[Event]:
        told = self._placed(term, sigma, reference, by)

        def tell() -> Iterator[Event]:
            yield replace(told, **self._run.subject.stamp())
            yield from self._measure()

        return tell()

    def _placed(self, term: HillPenalty, sigma: float, reference: float, by: str) -> HillPut:
        """Put a hill, and move off its top where that is asked for."""
        subject, net = self._run.subject, self._run.subject.net
        theta = tuple(net.flat())
        x = subject.split.train_x
        outputs = softmax(net.logits(x[fixed_points(len(x))]))
        self._standing = standing = self._standing.put(
            theta, outputs, sigma=sigma, reference=reference, step=subject.step, most=term.most
        )
        number = int(standing.number[-1])
        if share := term.jitter_of(has_momentum=bool(subject.optimizer.remembers)):
            self._jitter(term, net, number, share)
        return HillPut(
            **({"step": subject.step, "seq": -1} if by == "command" else subject.stamp()),
            epoch=subject.epoch,
            number=number,
            standing=len(standing),
            sigma=sigma,
            reference=float(reference) if np.isfinite(reference) else None,
            strength=term.strength,
            kernel=term.kernel,
            scope=term.scope,
            by=by,
            top=theta,
        )

    def _jitter(self, term: HillPenalty, net: Weights, number: int, share: float) -> None:
        run, subject = self._run, self._run.subject
        rng = generator(subject.seed, "hill", number)
        size = share * float(np.sqrt(np.mean(net.vector() ** 2)))
        theta = net.flat()
        chosen = set(term.chosen(theta))
        noisy = [part + (size * rng.standard_normal(part.shape)).astype(part.dtype) for part in theta]
        moved = net.with_flat([noisy[place] if place in chosen else part for place, part in enumerate(theta)])
        run.engine.load(moved, run.engine.memory)
        subject.net = run.engine.weights


def _refuse(term: HillPenalty, net: Weights) -> None:
    if trouble := term.trouble_with(net.parameters, by_torch="torch" in net.can.engines):
        raise NotPossible(f"{trouble[:1].upper()}{trouble[1:]}.")
