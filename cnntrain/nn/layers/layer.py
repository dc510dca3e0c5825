"""Layers: functions x(k) = f(k)(x(k-1), w(k)) with their derivatives, and no state."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from cnntrain import randomness
from cnntrain.nn.execution.context import Context
from cnntrain.nn.layers.entry import Entry
from cnntrain.nn.shapes import Array, MisfitError, Shape, size_text
from cnntrain.settings import setting
from cnntrain.settings.types import Positive

Weights = Mapping[str, Array]


class Layer(Entry):
    """One layer: settings, shapes, mathematics and derivatives.  Threads may share it.

    Traits, by which others know a layer without knowing its class:
      needs_images           it works on images (C, H, W) only
      needs_vectors          it works on vectors (d,) only
      keeps_shape            outputs are shaped like inputs
      outputs_key            the setting that says how many outputs there are; "" where the
                             input decides as well
      enlarging              settings, whole numbers, that make its arrays larger
      acts_per_sample        the output of a sample depends on that sample alone
      same_in_training       a training pass puts out what evaluation does
      decayed                the parameter arrays that weight decay acts on
      owns_output            the output is memory that `backward` does not read, so that the
                             next layer may write over it
    """

    needs_images: ClassVar[bool] = False
    needs_vectors: ClassVar[bool] = False
    keeps_shape: ClassVar[bool] = False
    outputs_key: ClassVar[str] = ""
    enlarging: ClassVar[tuple[str, ...]] = ()
    acts_per_sample: ClassVar[bool] = True
    same_in_training: ClassVar[bool] = True
    decayed: ClassVar[tuple[str, ...]] = ()
    owns_output: ClassVar[bool] = True

    # Shapes ----------------------------------------------------------------------------------

    def check_input(self, shape: Shape) -> None:
        """MisfitError where images arrive instead of vectors, or vectors instead of images."""
        if self.needs_images and len(shape) != 3:
            raise MisfitError(
                f"{self.word()} needs images, found vectors of {shape[0]} entries "
                "(move it before flatten and dense layers)"
            )
        if self.needs_vectors and len(shape) != 1:
            also = " and a dense layer" if self.keeps_shape else ""
            raise MisfitError(
                f"{self.word()} needs vectors, found images of {size_text(shape)} "
                f"(put {{type: flatten}}{also} before it)"
            )

    @abstractmethod
    def output_shape(self, shape: Shape) -> Shape:
        """Shape of one output sample for an input sample of `shape`; MisfitError if none."""

    def arrays(self, shape: Shape) -> dict[str, Shape]:
        """Name and shape of the arrays for one sample that a training pass fills."""
        return {"output": self.output_shape(shape)}

    def parameter_shapes(self, shape: Shape) -> dict[str, Shape]:
        """Name and shape of each parameter array, in the order of the flat vector."""
        return {}

    def initial_parameter(self, name: str, shape: Shape, *key: randomness.Key) -> Array:
        """The initial value of parameter `name`, float64, a function of `key`."""
        raise KeyError(name)

    # Running statistics ----------------------------------------------------------------------

    def buffer_shapes(self, shape: Shape) -> dict[str, Shape]:
        """Name and shape of each array that training changes otherwise than by the gradient."""
        return {}

    def initial_buffer(self, name: str, shape: Shape) -> Array:
        """The initial value of such an array, float64."""
        raise KeyError(name)

    @property
    def renewal(self) -> float:
        """The share m in which a step renews them, r <- (1 - m) r + m s, s being what the passes
        note (see `Context.note`), averaged over the samples of the batch."""
        return 0.0

    @property
    def statistics_over(self) -> int | Literal["batch"] | None:
        """Samples that statistics are taken over in training: so many in a row, which are in one
        chunk, or the whole batch, for which `gather` and `gather_back` ask every chunk."""
        return None

    def flops(self, shape: Shape) -> int:
        """Floating-point operations of a forward pass on one sample, a multiply-add as two."""
        return 0

    # Mathematics -----------------------------------------------------------------------------

    @abstractmethod
    def forward(self, x: Array, w: Weights, context: Context) -> tuple[Array, Any]:
        """The output, and a cache for the passes below (None unless `context.training`).  Both may
        be scratch arrays, good until the layer's next forward pass."""

    @abstractmethod
    def backward(
        self, dy: Array, cache: Any, w: Weights, dw: Weights, context: Context, need_dx: bool = True
    ) -> Array | None:
        """Equations 2 and 3: from dl/dy write dl/dw into `dw` and return dl/dx.

        `dy` and `cache` may be overwritten.  Without `need_dx` the result may be None.
        """

    def jvp(self, dx: Array, cache: Any, w: Weights, dw: Weights, context: Context) -> Array:
        """The change of the output for a change of the input by `dx`, of the parameters by `dw`:

            dy = (dy/dx) dx + (dy/dw) dw

        with the Jacobians of equation 5.  `dx` may be overwritten, `cache` is left as it is.

        Optional: only Gauss-Newton products ask for it (see `has_jvp`).
        """
        raise NotImplementedError(f"{self.word()} has no directional derivative")

    def gather(self, x: Array, w: Weights, context: Context) -> Any:
        """What the chunk adds to that which `forward` needs of all chunks; `+` puts two together.
        Without a `context.gathered` the chunk is the whole batch."""
        raise NotImplementedError(f"{self.word()} needs nothing of other chunks")

    def gather_back(self, dy: Array, cache: Any, w: Weights, dw: Weights, context: Context) -> Any:
        """Likewise what `backward` needs, which follows with the same arguments."""
        raise NotImplementedError(f"{self.word()} needs nothing of other chunks")

    @classmethod
    def has_jvp(cls) -> bool:
        """Whether the class defines `jvp`."""
        return cls.jvp is not Layer.jvp

    def branches(self, x: Array) -> Array | None:
        """Which branch is taken at each entry of the input `x` (sign, arg max): where one changes,
        the layer has a kink.  None for a layer that is differentiable everywhere."""
        return None


class ParameterLayer(Layer):
    """A layer with parameters, which training moves."""

    shared = ("name", "rate_factor")

    rate_factor: Positive = setting(
        "What the learning rate is multiplied by for this layer's parameters.",
        1.0,
        also="learningratefactor learningratemultiplier lrfactor lrmult lrmultiplier lrscale",
    )

    @abstractmethod
    def parameter_shapes(self, shape: Shape) -> dict[str, Shape]:
        """Name and shape of each parameter array, in the order of the flat vector."""

    @abstractmethod
    def initial_parameter(self, name: str, shape: Shape, *key: randomness.Key) -> Array:
        """The initial value of parameter `name`, float64, a function of `key`."""
