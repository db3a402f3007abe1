"""Growth of nets of blocks: channels and units inside a block, and whole blocks (docs/growth.md, "Blocks")."""
