"""``python -m foldscape``."""

from foldscape.cli import main

main()
