"""What other programs read, and somebody takes for a run or a checkpoint: what it is, and the way
out."""

from __future__ import annotations

from pathlib import Path

from cnntrain.storage.disk import is_file
from cnntrain.text import importing, shown_path

_PICKLE = (
    "a pickle, which may run code and is never read (in PyTorch, "
    "safetensors.torch.save_file(model.state_dict(), 'model.safetensors') writes what {way} takes)"
)
_FILES = {
    ".onnx": "an ONNX file (give the run that it was exported from; onnxruntime runs it)",
    **dict.fromkeys((".pt", ".pth", ".bin", ".ckpt", ".pkl"), _PICKLE),
}
_EXPORTS = {  # by a file that is in their folder
    "model.safetensors": "weights without a network ({way} makes a run of them)",
    "model.c": "C code (give the run that it was exported from)",
}


def told(path: Path) -> str | None:
    """That the file or the folder `path` is no run, but this; None where it is nothing known."""
    place = shown_path(path)
    if is_file(path) and path.suffix in _FILES:
        return f"{place} is {_FILES[path.suffix].format(way=importing())}"
    for name, what in _EXPORTS.items():
        if is_file(path / name):
            return f"no run in {place}, but {name}: {what.format(way=importing())}"
    return None


def weights_alone() -> str:
    """What a state_dict is."""
    return _EXPORTS["model.safetensors"].format(way=importing())
