"""A kernel of no package, for the tests of compiling apart."""

from foldscape.kernel import kernel, part


@part
def _square(x):
    return x * x


@kernel()
def sum_of_squares(values):
    total = 0 * values[0]
    for value in values:
        total += _square(value)
    return total
