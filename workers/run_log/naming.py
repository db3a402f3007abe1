"""Ids of runs, and names that people can say."""

from __future__ import annotations

import secrets

MANNERS = (
    "amber bold brisk calm clear crisp dawn deft eager early fair fast fond gentle glad golden grand keen kind lively "
    "lucid mellow merry mild neat nimble plain proud quick quiet ready sharp shy silver sly smooth snug steady still "
    "sunny swift tidy vivid warm wide wise young"
)

ANIMALS = (
    "ant badger bat bear beaver bee bison carp cat crane crow deer dove duck eagle eel elk falcon finch fox frog goose "
    "gull hare hawk heron horse ibis jay kite koala lark lemur lion lynx mole moose newt otter owl panda pike puffin "
    "quail raven robin seal stork swan tern tiger toad trout vole wasp whale wolf wren"
)


def new_id() -> str:
    """Give an id that no other run has: ten hexadecimal digits."""
    return secrets.token_hex(5)


def new_name() -> str:
    """Give a name such as ``quiet-heron-27``."""
    return f"{secrets.choice(MANNERS.split())}-{secrets.choice(ANIMALS.split())}-{secrets.randbelow(90) + 10}"
