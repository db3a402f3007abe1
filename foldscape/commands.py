"""Commands: what a person may say to a run."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, TypeAdapter, model_validator

from foldscape.growth import GrowthRuleSpec
from foldscape.growth_spec import Growth
from foldscape.model import Model
from foldscape.probes import ProbeSpec
from foldscape.terms.hill_shapes import HillKernel
from foldscape.terms.hills import HillScope


class Play(Model):
    """Go on training."""

    kind: Literal["play"] = "play"


class Pause(Model):
    """Stop before the next update and measure."""

    kind: Literal["pause"] = "pause"


class Step(Model):
    """Train a little and pause again."""

    kind: Literal["step"] = "step"
    n: int = Field(1, ge=1, le=100_000)
    """How many."""
    unit: Literal["epoch", "update"] = "epoch"
    """Of what."""


class Speed(Model):
    """Change the pace."""

    kind: Literal["speed"] = "speed"
    epochs_per_second: float | None = Field(20, gt=0, le=10_000)
    """Pace; empty (``null``): maximum speed."""


class Cadence(Model):
    """Change the number of updates between two measurements; a worker says it to hold its frame rate."""

    kind: Literal["cadence"] = "cadence"
    updates: int = Field(ge=1, le=10_000_000)
    """Updates between two measurements."""


class Spare(Model):
    """Measure everything but frames less often; a worker says it where measuring would cost a run its pace."""

    kind: Literal["spare"] = "spare"
    factor: int = Field(ge=1, le=64)
    """How many times as far apart as the probes say."""


class Grow(Model):
    """Let the net grow."""

    kind: Literal["grow"] = "grow"
    rule: GrowthRuleSpec
    """How."""
    proposed: bool = False
    """Take the very unit that the last preview showed, if it was by the same rule and the net has not grown since."""


class Preview(Model):
    """Ask what a growth rule would do, without doing it; the answer is a ``proposal`` event."""

    kind: Literal["preview"] = "preview"
    rule: GrowthRuleSpec
    """The rule."""
    gain_map: bool = False
    """Whether to say also how useful a fold through each place of the plane would be."""
    token: str = Field("", max_length=64)
    """Comes back with the answer."""


class UndoGrowth(Model):
    """Take back the last growth: weights, optimiser memory and units are as they were just before it, bit for bit."""

    kind: Literal["undo_growth"] = "undo_growth"


class SetGrowth(Model):
    """Change how the net grows by itself, from now on."""

    kind: Literal["set_growth"] = "set_growth"
    growth: Growth
    """The new settings; a schedule counts from this epoch."""


class SetProbes(Model):
    """Change what is measured besides loss and accuracy, from the next measurement on."""

    kind: Literal["set_probes"] = "set_probes"
    probes: tuple[ProbeSpec, ...] = Field(max_length=32)
    """All probes of the run from now on; counts of measurements go on."""


class SetOptimizer(Model):
    """Change the optimiser's numbers without losing what was learned."""

    kind: Literal["set"] = "set"
    lr: float | None = Field(None, gt=0, le=100)
    """New learning rate; with a schedule, the new base from which it works out the rate."""
    weight_decay: float | None = Field(None, ge=0, le=10)
    """New weight decay."""


class Hill(Model):
    """Put a hill where the net stands."""

    kind: Literal["hill"] = "hill"
    sigma: float | None = Field(None, gt=0, le=1e9)
    """Its width in parameter units; empty (``null``) takes that of the run's hills."""


class SetHills(Model):
    """Change the hills of the run, those that stand included; a run without gets them, with none standing."""

    kind: Literal["set_hills"] = "set_hills"
    strength: float | None = Field(None, ge=0, le=1e6)
    """New strength."""
    sigma_rel: float | None = Field(None, gt=0, le=1e6)
    """New relative width, as a multiple of the way before each hill."""
    sigma: float | None = Field(None, gt=0, le=1e9)
    """New width in parameter units."""
    kernel: HillKernel | None = None
    """New shape."""
    scope: HillScope | None = None
    """New choice of the parameters that count."""
    most: int | None = Field(None, ge=1, le=64)
    """New number of hills that stand at most."""
    remove: Literal["none", "last", "all"] = "none"
    """Which hills to take away."""

    @model_validator(mode="after")
    def _is_one_width(self) -> Self:
        if self.sigma is not None and self.sigma_rel is not None:
            raise ValueError("sigma and sigma_rel are two ways to give one width; give one of them")
        return self


class Stop(Model):
    """End the run."""

    kind: Literal["stop"] = "stop"
    resumed: bool = False
    """Set in the record of a run that went on later: it is told as before, and training goes on behind it."""


Command = Annotated[
    Play
    | Pause
    | Step
    | Speed
    | Cadence
    | Spare
    | Grow
    | Preview
    | UndoGrowth
    | SetGrowth
    | SetProbes
    | SetOptimizer
    | Hill
    | SetHills
    | Stop,
    Field(discriminator="kind"),
]
command_adapter: TypeAdapter[Command] = TypeAdapter(Command)


class Scheduled(Model):
    """A command and the update before which it takes effect."""

    step: int = Field(ge=0)
    """Updates done when the command takes effect."""
    command: Command
    """The command."""
