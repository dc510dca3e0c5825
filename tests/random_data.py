"""Files of data for random configs, and the sections `data` that name them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import strategies as st
from idx_format import idx_bytes
from PIL import Image

from cnntrain.data.formats.csv_files import SEPARATORS
from cnntrain.data.sources.cifar import VERSIONS

Values = dict[str, Any]


SIZES = {"C": 2, "H": 7, "W": 6, "L": 9}  # of axes


def _npz(draw: st.DrawFn, section: Values, folder: Path, labels: bool, images: bool) -> Values:
    axes = section.get("axes", "N")
    if images and "W" not in axes:
        section["axes"] = axes = "NHWC"
    shapes = [tuple(SIZES[axis] for axis in axes[1:])] if axes[1:] else [(9,), (7, 7)]
    random = np.random.default_rng(0)
    x = random.normal(size=(60, *draw(st.sampled_from(shapes))))
    x = (10 * x).astype(draw(st.sampled_from(["f4", "f8", "i2"])))
    classes = np.array(["ant", "bee", "cat"]) if draw(st.booleans()) else np.arange(3)
    y = classes[np.arange(60) % 3] if labels else random.normal(size=(60, 2))
    own = draw(st.sets(st.sampled_from(["validation", "test"])))
    start = "_train" if own else ""
    arrays = {f"x{start}": x, f"y{start}": y}
    if draw(st.booleans()):
        section["group"] = "g"
        arrays[f"g{start}"] = np.arange(60) // 2
    for part in own:
        section |= {part: "none"} | ({"fold": "none"} if part == "validation" else {})
        arrays |= {f"x_{part}": x[:9], f"y_{part}": y[:9]}
    path = folder / "data.npz"
    np.savez(path, allow_pickle=False, **arrays)
    return {**section, "path": str(path)}


def _idx(draw: st.DrawFn, section: Values, folder: Path, labels: bool, images: bool) -> Values:
    x = np.random.default_rng(0).integers(0, 256, (60, 7, 6), dtype=np.uint8)
    y = (np.arange(60) % 3).astype(np.uint8)
    names = {"train_images": x, "train_labels": y, "test_images": x[:9], "test_labels": y[:9]}
    if section["test"] != "none":
        names = dict(list(names.items())[:2])
    keys = {}
    for name, array in names.items():
        keys[name] = str(folder / name)
        (folder / name).write_bytes(idx_bytes(array))
    return {**section, **keys}


def _csv(draw: st.DrawFn, section: Values, folder: Path, labels: bool, images: bool) -> Values:
    """A table of 42 columns of inputs, one of labels and one of parts, with names or without."""
    random = np.random.default_rng(0)
    x = random.integers(0, 256, (60, 42)) if draw(st.booleans()) else random.normal(size=(60, 42))
    y = [str(i % 3) for i in range(60)] if labels else [f"{value:.3f}" for value in x[:, 0] / 7]
    part = ["train", "train", "test", "validation"] * 15
    header = draw(st.booleans())
    section |= {"header": header, "columns": "*", "ignore": "none", "part": "none"}
    section.pop("class_names", None)
    section["label"] = "label" if header else 42
    if draw(st.booleans()):
        section |= {"part": "part" if header else -1, "validation": "none", "test": "none"}
        section["fold"] = "none"
    else:
        section["ignore"] = ["part"] if header else 43
    section["shape"] = [7, 6] if images else draw(st.sampled_from(["none", [7, 6], [7, 3, 2]]))
    separator = SEPARATORS[section.get("separator", "comma")]
    rows = [[*map(str, row), label, name] for row, label, name in zip(x, y, part, strict=True)]
    names = [[*(f"p{i}" for i in range(42)), "label", "part"]] if header else []
    path = folder / "data.csv"
    path.write_text("".join(separator.join(row) + "\n" for row in names + rows))
    for key in ("validation_path", "test_path"):
        section.pop(key, None)
    return {**section, "path": str(path)}


def _cifar(draw: st.DrawFn, section: Values, folder: Path, labels: bool, images: bool) -> Values:
    random = np.random.default_rng(0)
    for version in VERSIONS[1:]:
        for name, count in ((*version.train, 60), (version.test, 9)):
            records = random.integers(0, 3, (count, version.record), dtype=np.uint8)
            (folder / str(name)).write_bytes(records.tobytes())
        for classes, names in version.labels.values():
            (folder / names).write_text("\n".join(f"class {i}" for i in range(classes)))
    return {**section, "test": "none", "directory": str(folder)}


def _images(draw: st.DrawFn, section: Values, folder: Path, labels: bool, images: bool) -> Values:
    """Pictures of 9 x 8 in three folders, and a table of them."""
    random, rows = np.random.default_rng(0), ["file,label"]
    for i in range(60):
        name = f"{'abc'[i % 3]}/{i}.png"
        (folder / name).parent.mkdir(exist_ok=True)
        Image.fromarray(random.integers(0, 256, (9, 8, 3), dtype=np.uint8)).save(folder / name)
        rows.append(f"{name},{i % 3 if labels else random.normal()}")
    (folder / "files.csv").write_text("\n".join(rows))
    where = {"directory": str(folder)} if labels and draw(st.booleans()) else {}
    section = {**section, "size": draw(st.sampled_from([7, [6, 8]])), "cache": str(folder)}
    section = {k: v for k, v in section.items() if k not in {"directory", "table"}}
    return {**section, **(where or {"table": str(folder / "files.csv")})}


def _toy2d(draw: st.DrawFn, section: Values, folder: Path, labels: bool, images: bool) -> Values:
    noise = draw(st.sampled_from([0.0, 0.1]))
    classes = 2 if section.get("shape") == "xor" else draw(st.sampled_from([2, 3]))
    return {**section, "samples": 60, "classes": classes, "noise": noise}


FILES: dict[str, Callable[[st.DrawFn, Values, Path, bool, bool], Values]] = {
    "idx": _idx,
    "npz": _npz,
    "csv": _csv,
    "cifar": _cifar,
    "images": _images,
    "toy2d": _toy2d,
}


def with_files(
    draw: st.DrawFn, section: Values, folder: Path, labels: bool, images: bool
) -> Values:
    """A section `data` of some source, with parts, and the files that it names."""
    word = section["source"]
    for part in ("validation", "test"):
        section[part] = draw(st.sampled_from(["none", 0.25, 5]))
    section["fold"] = "none"
    if section["validation"] == "none":
        section["fold"] = draw(st.sampled_from(["none", {"of": 3, "index": 2}]))
    if word in FILES:
        return FILES[word](draw, section, folder, labels, images)
    return {**section, "test": 1740} if word == "digits" else section
