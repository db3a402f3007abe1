"""Play: watch a small net fold the plane, and give it a neuron by hand."""

from frontend.page import Page
from frontend.play.layout import layout

PAGE = Page(name="Play", path="/", layout=layout, order=0)
