"""Augmentations, one a file: changes of the training inputs at random."""

from cnntrain.data.augment.augmentation import Augmentation
from cnntrain.data.augment.augmenter import Augmenter
from cnntrain.data.augment.erase import Erase
from cnntrain.data.augment.flip import Flip
from cnntrain.settings import Family

AUGMENTATIONS: Family[Augmentation] = Family(
    Flip,
    Erase,
)

__all__ = ["AUGMENTATIONS", "Augmentation", "Augmenter"]
