"""The Runs page's Python: the columns of the table."""
