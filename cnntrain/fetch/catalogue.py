"""The data sets that can be fetched: where they are, and the size and SHA-256 of each file.

Sizes and digests are those of TensorFlow Datasets (github.com/tensorflow/datasets,
tensorflow_datasets/url_checksums/*.txt and datasets/kmnist/checksums.tsv).  Others have the same:
torchvision those of MNIST, Fashion-MNIST and KMNIST (github.com/pytorch/vision,
torchvision/prototype/datasets/_builtin/mnist.py), MLDatasets.jl those of CIFAR and EMNIST
(github.com/JuliaML/MLDatasets.jl).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class Download:
    """A file as it lies on servers: its name there, its bytes, and their SHA-256 in hex."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class DataSet:
    """A data set that can be fetched.

    about      what it is, in a line
    licence    what its authors say of its use
    cite       the publication that they ask to be cited
    page       where people read more
    addresses  folders on servers that have the downloads, the first to be asked first
    made       the files that come of it
    how        what becomes of the downloads: they are kept, members of an archive of that kind are
               kept, or they are converted
    data       the section `data` of a config, without the place
    place      the key of that section that names the place: the directory, or the one file there
    """

    name: str
    about: str
    licence: str
    cite: str
    page: str
    addresses: tuple[str, ...]
    downloads: tuple[Download, ...]
    made: tuple[str, ...]
    how: Literal["keep", "tar", "letters", "svhn"]
    data: Mapping[str, Any]
    place: Literal["directory", "path"] = "directory"

    @property
    def size(self) -> int:
        """Bytes to download."""
        return sum(download.size for download in self.downloads)


IDX_FILES = (
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
)
HELD_BACK = {"validation": 0.1}


def _like_mnist(
    name: str,
    about: str,
    files: tuple[tuple[int, str], ...],
    **told: Any,
) -> DataSet:
    """A data set in the four files of MNIST, of these sizes and digests."""
    downloads = (Download(name, *file) for name, file in zip(IDX_FILES, files, strict=True))
    return DataSet(
        name=name,
        about=about,
        downloads=tuple(downloads),
        made=IDX_FILES,
        how="keep",
        data={"source": "idx", **HELD_BACK},
        **told,
    )


MNIST = _like_mnist(
    "mnist",
    "70,000 handwritten digits, 28 x 28, 10 classes",
    (
        (9_912_422, "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"),
        (28_881, "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"),
        (1_648_877, "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
        (4_542, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"),
    ),
    licence="CC BY-SA 3.0",
    cite="LeCun, Bottou, Bengio, Haffner, Gradient-based learning applied to document recognition, "
    "Proceedings of the IEEE 86, 1998",
    page="http://yann.lecun.com/exdb/mnist",
    addresses=(
        "https://storage.googleapis.com/cvdf-datasets/mnist",
        "https://ossci-datasets.s3.amazonaws.com/mnist",
    ),
)

FASHION_MNIST = _like_mnist(
    "fashion-mnist",
    "70,000 articles of clothing, 28 x 28, 10 classes",
    (
        (26_421_880, "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"),
        (29_515, "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"),
        (4_422_102, "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"),
        (5_148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"),
    ),
    licence="MIT",
    cite="Xiao, Rasul, Vollgraf, Fashion-MNIST: a novel image dataset for benchmarking machine "
    "learning algorithms, arXiv:1708.07747, 2017",
    page="https://github.com/zalandoresearch/fashion-mnist",
    addresses=(
        "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion",
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com",
    ),
)

KMNIST = _like_mnist(
    "kmnist",
    "70,000 cursive Japanese characters, 28 x 28, 10 classes",
    (
        (18_165_135, "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4"),
        (29_497, "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17"),
        (3_041_136, "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5"),
        (5_120, "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c"),
    ),
    licence="CC BY-SA 4.0",
    cite="Clanuwat, Bober-Irizar, Kitamoto, Lamb, Yamamoto, Ha, Deep learning for classical "
    "Japanese literature, arXiv:1812.01718, 2018",
    page="http://codh.rois.ac.jp/kmnist",
    addresses=("http://codh.rois.ac.jp/kmnist/dataset/kmnist",),
)

EMNIST_LETTERS = DataSet(
    name="emnist-letters",
    about="145,600 handwritten letters, 28 x 28, 26 classes",
    licence="none stated",
    cite="Cohen, Afshar, Tapson, van Schaik, EMNIST: an extension of MNIST to handwritten letters, "
    "arXiv:1702.05373, 2017",
    page="https://www.nist.gov/itl/products-and-services/emnist-dataset",
    addresses=("https://biometrics.nist.gov/cs_links/EMNIST",),
    downloads=(
        Download(
            "gzip.zip",
            561_753_746,
            "fb9bb67e33772a9cc0b895e4ecf36d2cf35be8b709693c3564cea2a019fcda8e",
        ),
    ),
    made=("emnist-letters.npz",),
    how="letters",
    data={"source": "npz", **HELD_BACK},
    place="path",
)

CIFAR10 = DataSet(
    name="cifar10",
    about="60,000 photographs, 32 x 32 colour, 10 classes",
    licence="none stated",
    cite="Krizhevsky, Learning multiple layers of features from tiny images, report, University of "
    "Toronto, 2009",
    page="https://www.cs.toronto.edu/~kriz/cifar.html",
    addresses=("https://www.cs.toronto.edu/~kriz",),
    downloads=(
        Download(
            "cifar-10-binary.tar.gz",
            170_052_171,
            "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
        ),
    ),
    made=(
        *(f"data_batch_{i}.bin" for i in range(1, 6)),
        "test_batch.bin",
        "batches.meta.txt",
    ),
    how="tar",
    data={"source": "cifar", **HELD_BACK},
)

CIFAR100 = DataSet(
    name="cifar100",
    about="60,000 photographs, 32 x 32 colour, 100 classes",
    licence=CIFAR10.licence,
    cite=CIFAR10.cite,
    page=CIFAR10.page,
    addresses=CIFAR10.addresses,
    downloads=(
        Download(
            "cifar-100-binary.tar.gz",
            168_513_733,
            "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec",
        ),
    ),
    made=("train.bin", "test.bin", "fine_label_names.txt", "coarse_label_names.txt"),
    how="tar",
    data={"source": "cifar", **HELD_BACK},
)

SVHN = DataSet(
    name="svhn",
    about="99,289 house-number digits, 32 x 32 colour, 10 classes",
    licence="not commercial",
    cite="Netzer, Wang, Coates, Bissacco, Wu, Ng, Reading digits in natural images with "
    "unsupervised feature learning, NIPS workshop, 2011",
    page="http://ufldl.stanford.edu/housenumbers",
    addresses=("http://ufldl.stanford.edu/housenumbers",),
    downloads=(
        Download(
            "train_32x32.mat",
            182_040_794,
            "435e94d69a87fde4fd4d7f3dd208dfc32cb6ae8af2240d066de1df7508d083b8",
        ),
        Download(
            "test_32x32.mat",
            64_275_384,
            "cdce80dfb2a2c4c6160906d0bd7c68ec5a99d7ca4831afa54f09182025b6a75b",
        ),
    ),
    made=("svhn.npz",),
    how="svhn",
    data={"source": "npz", **HELD_BACK},
    place="path",
)

CATALOGUE = {
    entry.name: entry
    for entry in (MNIST, FASHION_MNIST, KMNIST, EMNIST_LETTERS, CIFAR10, CIFAR100, SVHN)
}
