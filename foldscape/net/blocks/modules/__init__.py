"""The layers of plans as torch modules."""
