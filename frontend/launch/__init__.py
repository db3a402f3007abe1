"""The Launch page's Python: the form's plan, the check, and what a spec looks like elsewhere."""
