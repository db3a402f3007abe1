"""The kinds of nets, one file each: how a spec tells one, how its first net is drawn, and what it can do."""
