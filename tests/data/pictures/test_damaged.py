"""What is no picture, or a damaged or enormous one, is an error that says so."""

import os
import zlib

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from cnntrain.data.pictures import decode as decoding
from cnntrain.data.pictures.decode import UnreadableError, decode
from cnntrain.data.pictures.form import Form

from .test_decode import NOISE, RANDOM, SAME, pixels, saved


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "BMP", "GIF", "TIFF", "WEBP"])
@pytest.mark.parametrize("options", [{}, {"progressive": True}])
def test_a_truncated_picture_is_an_error_or_whole(kind, options):
    picture = Image.fromarray(RANDOM.integers(0, 256, (40, 40, 3), dtype=np.uint8))
    content = saved(picture, kind, **options)
    form, refused = Form(40, 40), 0
    whole = pixels(content, form)
    for length in [*range(0, len(content), 100), *range(len(content) - 30, len(content))]:
        try:
            x = pixels(content[:length], form)
        except UnreadableError as error:
            refused += 1
            assert error.reason.isprintable()
        else:  # what is missing are the last words of the file
            np.testing.assert_array_equal(x, whole)
    assert refused >= len(content) // 100


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "BMP", "GIF", "TIFF", "WEBP"])
def test_a_damaged_picture_raises_nothing_else(kind):
    content = saved(Image.fromarray(NOISE), kind)
    for _ in range(300):
        damaged = bytearray(content)
        for place in RANDOM.integers(0, len(content), 3):
            damaged[place] = RANDOM.integers(256)
        try:
            assert pixels(bytes(damaged)).shape == (8, 12, 3)
        except UnreadableError as error:
            assert error.reason.isprintable()


def bomb(width, height):
    """A small PNG that claims a large size."""
    content = bytearray(saved(Image.new("1", (8, 8))))
    content[16:24] = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    content[29:33] = zlib.crc32(content[12:29]).to_bytes(4, "big")
    return bytes(content)


@pytest.mark.parametrize("sides", [(10_001, 10_000), (20_000, 20_000), (2**31 - 1, 2**31 - 1)])
def test_a_bomb_is_refused_before_it_takes_memory(sides, memory):
    with memory() as used, pytest.raises(UnreadableError, match=r"100,000,000|damaged"):
        pixels(bomb(*sides))
    assert used() < 2**22


def test_a_bomb_in_words_is_refused():
    info = PngInfo()
    info.add_text("comment", "a" * 2**26, zip=True)
    with pytest.raises(UnreadableError):
        pixels(saved(Image.fromarray(NOISE), pnginfo=info))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "it is empty"),
        (b"<svg/>", "it is no JPEG, PNG, BMP, GIF, TIFF or WebP, or is damaged at its start"),
        (b"\xff\xd8\xff\xe0", "it is"),
    ],
)
def test_what_is_no_picture(content, reason):
    with pytest.raises(UnreadableError) as error:
        pixels(content)
    assert error.value.reason.startswith(reason)
    assert "0x" not in error.value.reason


def test_only_files_are_opened(tmp_path):
    fifo, folder = tmp_path / "pipe.png", tmp_path / "folder.png"
    os.mkfifo(fifo)
    folder.mkdir()
    places = [(fifo, "named pipe"), (folder, "directory"), (tmp_path / "none.png", "No such file")]
    for path, reason in places:
        with pytest.raises(UnreadableError, match=reason):
            decode(path, SAME)


def test_a_file_that_is_too_large_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(decoding, "LARGEST_FILE", 100)
    with pytest.raises(UnreadableError, match="more than 100 bytes"):
        pixels(saved(Image.fromarray(NOISE)))


def test_formats_of_pillow_that_are_not_ours_are_no_pictures():
    for kind in ("PPM", "ICO", "TGA", "PCX"):
        with pytest.raises(UnreadableError):
            pixels(saved(Image.fromarray(NOISE), kind))


# Pillow in one process with others ------------------------------------------------------------
