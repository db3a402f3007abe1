"""A live run in its worker: between the loop that computes and the log in Redis that remembers.

Each part has one idea: ``orders`` what other threads want of the run, ``exchange`` what goes to Redis and comes back,
``saving`` its checkpoints, ``pace`` how fast it goes and how often it measures, ``rest`` how it waits while it is
paused. ``controller`` is what the loop talks to.
"""

from workers.live.controller import LiveController
from workers.live.orders import Draining

__all__ = ["Draining", "LiveController"]
