"""The context of a chunk's computation, besides inputs and parameters."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from cnntrain import randomness
from cnntrain.nn.execution.workspace import Workspace
from cnntrain.nn.shapes import Array, Shape

if TYPE_CHECKING:
    from cnntrain.nn.engines.numpy.convolution import Choice

StepKey = tuple[int, int, int]  # (seed, epoch, step): what the random choices of a step depend on


@dataclass(slots=True)
class ChunkContext:
    """For all stages of an engine, on one chunk.

    training   whether this is a training pass: layers keep what a backward pass needs, and make
               their random choices
    rng_key    the key of those: (seed, epoch, step), the same for all chunks
    start      the number in the batch of the chunk's first sample
    statistics for each layer its buffers, to which training passes add what they note
    gathered   for the stage that is called: what all chunks together gave; None where it asked for
               nothing, or the chunk is the whole batch
    waiting    the stack of residual blocks (see `layers.joints`)
    """

    workspace: Workspace
    training: bool = False
    rng_key: tuple[int, ...] = ()
    start: int = 0
    statistics: Sequence[Mapping[str, Array]] = ()
    gathered: Any = None
    waiting: list[Array] = field(default_factory=list)


@dataclass(slots=True)
class Context:
    """For one layer in NumPy, on one chunk.

    layer      its number in the network, by which its scratch arrays are known
    training   as above; otherwise `forward` keeps nothing
    rng_key    the key of every random choice: (seed, epoch, step, layer)
    start      as above
    overwrite  whether `forward` may put its output in the place of its input
    choose     the engine's choice of an algorithm for a convolution
    fixed      whether the layer is frozen: it takes running statistics in training, too
    statistics, gathered, waiting   as above
    """

    workspace: Workspace
    layer: Hashable
    choose: Choice
    training: bool = True
    rng_key: tuple[int, ...] = ()
    overwrite: bool = False
    start: int = 0
    fixed: bool = False
    statistics: Mapping[str, Array] = field(default_factory=dict)
    gathered: Any = None
    waiting: list[Array] = field(default_factory=list)

    def note(self, name: str, statistic: Array) -> None:
        """Add a statistic, summed over samples, to that which the step makes of buffer `name`."""
        if name in self.statistics:
            self.statistics[name][...] += statistic

    def array(self, name: str, shape: Shape, dtype: DTypeLike) -> Array:
        """An uninitialised scratch array, this layer's own until it works on the next chunk."""
        return self.workspace.array((self.layer, name), shape, dtype)

    def scratch(self, name: str, shape: Shape, dtype: DTypeLike) -> Array:
        """Likewise, but shared with the other layers: good until this call of the layer ends."""
        return self.workspace.array(name, shape, dtype)

    def aside(self, purpose: str) -> Context:
        """A context for a computation beside the layer's own, with other scratch arrays."""
        return replace(self, layer=(self.layer, purpose), training=False)

    def grad_buffer(self, dy: Array, shape: Shape) -> Array:
        """An uninitialised array for dl/dx beside `dy`, good until the layer before has made its
        own: in backward passes two blocks of memory take turns."""
        first = self.scratch("gradient 0", shape, dy.dtype)
        taken = np.may_share_memory(first, dy)
        return self.scratch("gradient 1", shape, dy.dtype) if taken else first

    def permutation(self, count: int, purpose: str) -> list[int]:
        """A random order of 0 ... count - 1, a function of `purpose` and `rng_key` alone."""
        return [int(i) for i in randomness.permutation(count, purpose, *self.rng_key)]

    def words(self, count: int, n: int, purpose: str) -> NDArray[np.uint32]:
        """`count` random 32-bit words for each of the `n` samples of the chunk, (n, count): a
        function of `purpose`, seed, epoch, step, layer and the sample's number in the batch, not
        of the chunk that it is in."""
        each = -(-count // 8) * 4  # words of 64 bits, in whole blocks of the generator
        drawn = randomness.words_at(self.start * each, n * each, purpose, *self.rng_key)
        return drawn.astype("<u8", copy=False).view("<u4").reshape(n, -1)[:, :count]
