"""Words of other tools and of papers for what a config says, which no edit distance finds."""

from __future__ import annotations

from collections.abc import Iterable

from cnntrain.text import nearest

# The words elsewhere, in lower case without _ and -, by the word here.
WORDS = {
    # keys
    "batch_size": "batch bs minibatch minibatchsize",
    "data": "dataset",
    "directory": "dir folder root",
    "early_stopping": "earlystop stopping",
    "epochs": "iterations maxepoch maxepochs maxiter nepochs niter numepochs",
    "every": "period stepsize",
    "factor": "decay gamma",
    "initial": "baselr initiallr learningrate lr rate",
    "layers": "architecture model net network",
    "learning_rate": "alpha eta lr rate stepsize",
    "loss": "criterion lossfunction objective",
    "optimizer": "optim solver",
    "path": "file filename",
    "seed": "randomseed randomstate rngseed",
    "standardize": "normalise normalization normalize preprocessing",
    "test": "testfraction testsize testsplit",
    "validation": "val valfraction valid valsize valsplit validationfraction validationsize "
    "validationsplit",
    "weight_decay": "decay l2 wd",
    "workers": "njobs numworkers threads",
    # keys of layers
    "bias": "usebias",
    "filters": "channels numfilters numoutput nfilters outchannels",
    "init": "initializer kernelinitializer weightinit",
    "kernel": "filtersize kernelsize ksize size",
    "padding": "pad",
    "std": "scale sigma stdev stddev",
    "stride": "strides",
    "type": "kind layer",
    "units": "features neurons numoutput numoutputs outfeatures outputs",
    "window": "kernel kernelsize ksize poolsize size",
    # types of layers
    "conv": "conv2d convolution convolution2d convolutional",
    "dense": "affine fc fullyconnected innerproduct linear",
    "flatten": "reshape",
    "max_pool": "maxpool maxpool2d maxpooling maxpooling2d pool pool2d pooling",
    # other values
    "NCHW": "channelsfirst",
    "NHWC": "channelslast",
    "auto": "none",
    "constant": "fixed zero zeros",
    "cross_entropy": "categoricalcrossentropy ce crossentropyloss logloss nll nllloss xent",
    "float32": "single",
    "float64": "double",
    "full": "all",
    "gaussian": "normal",
    "glorot_uniform": "glorot xavier xavieruniform",
    "he_normal": "he kaiming kaimingnormal",
    "idx": "fashionmnist mnist",
    "none": "false no null off",
    "quadratic": "l2loss meansquarederror mse mseloss squared squarederror",
    "same": "half",
    "sgd": "gd momentum",
    "step": "steplr",
    "valid": "none",
    "validation_error": "accuracy error valacc valaccuracy",
    "validation_loss": "loss valloss",
}

# Words for what a config need not say, or says otherwise.
REMARKS = {
    "activation": "a layer of its own: {type: relu}",
    "inchannels": "not needed: computed from the input",
    "infeatures": "not needed: computed from the input",
    "inputshape": "not needed: computed from the data",
    "inputsize": "not needed: computed from the data",
    "numclasses": "not needed: computed from the data",
}


def counterpart(word: str, known: Iterable[str]) -> str | None:
    """The entry of `known` that `word` is, or stands for elsewhere."""
    choices, plain = list(known), _plain(word)
    same = (choice for choice in choices if plain == _plain(choice))
    other = (choice for choice in choices if plain in WORDS.get(choice, "").split())
    return next(same, None) or next(other, None)


def meaning(word: str, known: Iterable[str]) -> str | None:
    """The entry of `known` that `word` was probably meant to be."""
    choices = list(known)
    return counterpart(word, choices) or nearest(word.lower(), choices)


def remark(word: str) -> str | None:
    """What to say of a key that has no counterpart where it stands."""
    return REMARKS.get(_plain(word))


def _plain(word: str) -> str:
    return word.lower().replace("_", "").replace("-", "").replace(" ", "")
