"""Augmentations, one a file: changes of the training samples at random."""

from cnntrain.data.augment.augmentation import Augmentation, RandomChange
from cnntrain.data.augment.augmenter import Augmenter
from cnntrain.data.augment.brightness import Brightness
from cnntrain.data.augment.contrast import Contrast
from cnntrain.data.augment.crop import Crop
from cnntrain.data.augment.cutmix import Cutmix
from cnntrain.data.augment.erase import Erase
from cnntrain.data.augment.flip import Flip
from cnntrain.data.augment.mixing import Mixing
from cnntrain.data.augment.mixup import Mixup
from cnntrain.data.augment.noise import Noise
from cnntrain.data.augment.rotate import Rotate
from cnntrain.data.augment.saturation import Saturation
from cnntrain.data.augment.shift import Shift
from cnntrain.data.augment.zoom import Zoom
from cnntrain.settings import Family

AUGMENTATIONS: Family[RandomChange] = Family(
    Flip,
    Shift,
    Crop,
    Rotate,
    Zoom,
    Brightness,
    Contrast,
    Saturation,
    Noise,
    Erase,
    Mixup,
    Cutmix,
)

__all__ = ["AUGMENTATIONS", "Augmentation", "Augmenter", "Mixing", "RandomChange"]
