r"""Sums over chunks in a fixed order, whoever computed the addends.

The addends are the leaves of a binary tree whose shape depends on their number alone: neighbours
are added in pairs, then the pairs in pairs, and so on.

    0   1   2   3   4          Over 5 addends: ((0 + 1) + (2 + 3)) + 4.
    \___/   \___/   |
      \_______/     |
          \_________/

So the last bits of a sum depend on neither threads nor processes: the addends 2^l k, ...,
2^l (k + 1) - 1 always form a subtree, which can be summed anywhere.  Rounding errors grow with the
logarithm of the number of addends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

Addend = TypeVar("Addend")


def tree_sum(addends: Iterable[Addend], add: Callable[[Addend, Addend], Addend]) -> Addend:
    """The sum of one or more addends, taken in order; at most log2 of their number wait for their
    neighbours at a time.

    add   their sum; it may use the memory of both
    """
    waiting: list[tuple[int, Addend]] = []  # (leaves, sum): sizes are powers of two and fall
    for total in addends:
        leaves = 1
        while waiting and waiting[-1][0] == leaves:
            _, left = waiting.pop()
            leaves, total = 2 * leaves, add(left, total)
        waiting.append((leaves, total))
    _, total = waiting.pop()
    while waiting:
        _, left = waiting.pop()
        total = add(left, total)
    return total
