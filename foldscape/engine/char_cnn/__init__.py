"""Convolutional nets over characters, in torch."""
