"""Anybody's torch module as it stands under measurement: its data, its loss, put in place, run, and left as it was.

``net.Net`` holds the trained tensors as one flat vector and runs the module with any other vector in their place.
Whatever a measurement does, parameters, buffers, training flags, hooks and optimisers are afterwards the same objects
with the same bits. ``reading.read`` takes data in any form, ``criteria.criterion_of`` a loss. Curvature and landscapes
both stand on it; nothing is imported here, so that torch stays out until a module is measured.
"""
