"""Nets as plans: which blocks of which layers a net has, told without torch.

A plan says the shape of everything that passes through a net, the name and shape of each parameter, how many
multiplications a sample takes, and what stands in its drawing. ``modules`` makes a torch module of it. A new layer is
one file: a subclass of ``layer.Layer``.
"""
