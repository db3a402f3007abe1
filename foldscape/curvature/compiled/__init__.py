"""Compiled passes of the curvature engine; a folder of its own, so that only edits here compile anew."""
