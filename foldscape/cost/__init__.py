"""What computing costs, foreseen before it is done: one home for pages, queues, runs and sweeps.

``work`` counts what measuring takes, ``engines`` what training takes, ``growing`` how a net will have grown, ``rates``
how fast a machine is, ``calibration`` finds that out, ``run`` foresees a run from all of these, ``words`` says a time.
"""
