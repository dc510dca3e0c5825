"""Pictures of every kind become bytes of one form, or an error that says why not."""

import io
import os
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image, ImageFile

from cnntrain.data.pictures.decode import UnreadableError, decode, is_picture
from cnntrain.data.pictures.form import Form
from cnntrain.data.pictures.pillow import silent

RANDOM = np.random.default_rng(0)
NOISE = RANDOM.integers(0, 256, (8, 12, 3), dtype=np.uint8)
SAME = Form(8, 12)
GRAY = Form(8, 12, color="gray")


def smooth(height, width):
    """A picture that JPEG changes little."""
    y, x = np.mgrid[0:height, 0:width]
    channels = 255 * x / width, 255 * y / height, np.full(x.shape, 90)
    return Image.fromarray(np.rint(np.stack(channels, axis=-1)).astype(np.uint8))


def saved(image, kind="PNG", **options):
    """The bytes of an image in a file."""
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def pixels(content, form=SAME):
    """What becomes of a file with these bytes."""
    return decode(io.BytesIO(content), form)


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF"])
def test_formats_without_loss_give_the_pixels(kind):
    x = pixels(saved(Image.fromarray(NOISE), kind))
    np.testing.assert_array_equal(x, NOISE)
    assert x.dtype == np.uint8
    np.testing.assert_array_equal(
        pixels(saved(Image.fromarray(NOISE), "WEBP", lossless=True)), NOISE
    )


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "GIF"])
def test_formats_with_loss_give_nearly_the_pixels(kind):
    picture = smooth(64, 64)
    x = pixels(saved(picture, kind), Form(64, 64))
    assert np.abs(x.astype(int) - np.asarray(picture)).mean() < 6


def test_a_path_may_have_a_name_in_any_bytes(tmp_path):
    path = tmp_path / os.fsdecode(b"\xff\x1b[31m.png")
    path.write_bytes(saved(Image.fromarray(NOISE)))
    np.testing.assert_array_equal(decode(path, SAME), NOISE)


@pytest.mark.parametrize("kind", ["GIF", "TIFF", "PNG", "WEBP"])
def test_the_first_picture_of_several_counts(kind):
    first, second = Image.new("RGB", (12, 8), "white"), Image.new("RGB", (12, 8), "black")
    content = saved(first, kind, save_all=True, append_images=[second], lossless=True)
    assert (pixels(content) == 255).all()


def test_gray_black_and_white_and_palettes():
    gray = Image.fromarray(NOISE[..., 0])
    np.testing.assert_array_equal(pixels(saved(gray), GRAY)[..., 0], NOISE[..., 0])
    np.testing.assert_array_equal(pixels(saved(gray)), NOISE[..., :1].repeat(3, axis=2))
    bits = Image.fromarray(NOISE[..., 0] > 99)
    np.testing.assert_array_equal(pixels(saved(bits), GRAY)[..., 0], 255 * (NOISE[..., 0] > 99))
    palette = Image.fromarray(NOISE).quantize(16)
    np.testing.assert_array_equal(pixels(saved(palette)), np.asarray(palette.convert("RGB")))


def test_colour_becomes_gray_by_the_weights_of_brightness():
    found = pixels(saved(Image.fromarray(NOISE)), GRAY)[..., 0]
    assert np.abs(found - NOISE @ [0.299, 0.587, 0.114]).max() <= 0.51


def test_what_is_transparent_lies_on_white():
    alpha = RANDOM.integers(0, 256, (8, 12, 1), dtype=np.uint8)
    wanted = (NOISE * (alpha / 255.0) + 255 * (1 - alpha / 255.0)).round()
    x = pixels(saved(Image.fromarray(np.concatenate([NOISE, alpha], axis=2))))
    assert np.abs(x - wanted).max() <= 1
    bands = Image.fromarray(NOISE[..., 0]), Image.fromarray(alpha[..., 0])
    x = pixels(saved(Image.merge("LA", bands)), GRAY)
    assert np.abs(x - wanted[..., :1]).max() <= 1


@pytest.mark.parametrize("kind", ["PNG", "GIF"])
def test_a_transparent_colour_of_a_palette_lies_on_white(kind):
    picture = Image.new("P", (12, 8), 0)
    picture.putpalette([10, 20, 30, 200, 100, 50])
    picture.putpixel((0, 0), 1)
    x = pixels(saved(picture, kind, transparency=0))
    assert (x[0, 0] == [200, 100, 50]).all()
    assert (x[1:] == 255).all()


def test_a_transparent_colour_without_a_palette_lies_on_white():
    picture = Image.new("RGB", (12, 8), (1, 2, 3))
    picture.putpixel((0, 0), (9, 9, 9))
    x = pixels(saved(picture, transparency=(1, 2, 3)))
    assert (x[0, 0] == 9).all() and (x[1:] == 255).all()


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_of_16_bits_the_upper_8_are_kept(kind):
    values = RANDOM.integers(0, 2**16, (8, 12), dtype=np.uint16)
    values[0, :2] = 0, 2**16 - 1
    x = pixels(saved(Image.fromarray(values), kind), GRAY)
    np.testing.assert_array_equal(x[..., 0], values >> 8)


def test_32_bits_are_taken_for_16_where_they_fit():
    values = RANDOM.integers(0, 2**16, (8, 12)).astype(np.int32)
    x = pixels(saved(Image.fromarray(values), "TIFF"), GRAY)
    np.testing.assert_array_equal(x[..., 0], values >> 8)
    for wrong in (-1, 2**16):
        values[3, 3] = wrong
        with pytest.raises(UnreadableError, match="32 bits, expected 8 or 16"):
            pixels(saved(Image.fromarray(values), "TIFF"), GRAY)


def test_real_numbers_lie_in_0_to_1():
    values = RANDOM.random((8, 12), dtype=np.float32)
    x = pixels(saved(Image.fromarray(values), "TIFF"), GRAY)
    np.testing.assert_array_equal(x[..., 0], np.rint(255 * values))
    for wrong in (1.5, -0.1, np.nan, np.inf):
        values[3, 3] = wrong
        with pytest.raises(UnreadableError, match=r"real numbers beyond \[0, 1\]"):
            pixels(saved(Image.fromarray(values), "TIFF"), GRAY)


@pytest.mark.parametrize("mode", ["CMYK", "YCbCr"])
def test_other_colours_become_rgb(mode):
    picture = smooth(64, 64)
    for kind in ("JPEG", "TIFF"):
        x = pixels(saved(picture.convert(mode), kind), Form(64, 64))
        assert np.abs(x.astype(int) - np.asarray(picture)).mean() < 4, kind


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_are_turned_as_their_exif_data_say(kind, orientation):
    upright = np.asarray(smooth(16, 24))
    stored = {  # the inverse of what a viewer does
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.swapaxes(0, 1),
        6: np.rot90(upright),
        7: np.rot90(upright, 2).swapaxes(0, 1),
        8: np.rot90(upright, -1),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    content = saved(Image.fromarray(np.ascontiguousarray(stored)), kind, exif=exif)
    x = pixels(content, Form(16, 24))
    assert np.abs(x.astype(int) - upright).max() < 30


def test_damaged_exif_data_turn_nothing():
    for exif in (b"Exif\0\0MM\0*\0\0\xff\xff", b"Exif\0\0", b"Exif\0\0II*\0\x08\0\0\0\xff\xff"):
        x = pixels(saved(smooth(8, 12), "JPEG", exif=exif))
        np.testing.assert_array_equal(x, pixels(saved(smooth(8, 12), "JPEG")))


def test_pixels_that_stand_for_several_are_their_mean():
    large = RANDOM.integers(0, 256, (32, 36, 3), dtype=np.uint8)
    mean = large.reshape(8, 4, 12, 3, 3).mean(axis=(1, 3))
    x = pixels(saved(Image.fromarray(large)), Form(8, 12, "stretch"))
    assert np.abs(x - mean).max() < 1.01  # Pillow rounds after rows and after columns


def test_a_large_jpeg_is_nearly_the_mean_of_its_pixels():
    """It is decoded at a part of its size."""
    large = smooth(800, 1200)
    content = saved(large, "JPEG", quality=95)
    mean = np.asarray(large).reshape(8, 100, 12, 100, 3).mean(axis=(1, 3))
    assert np.abs(pixels(content) - mean).max() < 3
    turned = Image.Exif()
    turned[0x0112] = 6
    content = saved(large.transpose(Image.Transpose.ROTATE_90), "JPEG", quality=95, exif=turned)
    assert np.abs(pixels(content) - mean).max() < 3


@pytest.mark.parametrize("color", ["rgb", "gray"])
@pytest.mark.parametrize("fit", ["crop", "pad", "stretch"])
@pytest.mark.parametrize("size", [(1, 1), (1, 2000), (2000, 1), (7, 5), (31, 33), (32, 32)])
def test_every_shape_fits_every_form(size, fit, color):
    content = saved(Image.new("RGB", size, "white"))
    for height, width in ((1, 1), (32, 32), (3, 50)):
        x = pixels(content, Form(height, width, fit, color))
        assert x.shape == (height, width, 3 if color == "rgb" else 1)
        assert fit == "pad" or (x == 255).all()
        assert x.max() == 255


def test_crop_shows_the_middle_and_pad_all_of_it():
    stripes = np.zeros((4, 12), dtype=np.uint8)
    stripes[:, :4], stripes[:, 4:8], stripes[:, 8:] = 50, 100, 150
    content = saved(Image.fromarray(stripes))
    assert (pixels(content, Form(4, 4, "crop", "gray")) == 100).all()
    padded = pixels(content, Form(6, 6, "pad", "gray"))[..., 0]
    np.testing.assert_array_equal(padded[[0, 1, 4, 5]], 0)
    np.testing.assert_array_equal(padded[2:4], [[50, 50, 100, 100, 150, 150]] * 2)
    stretched = pixels(content, Form(3, 3, "stretch", "gray"))[..., 0]
    np.testing.assert_array_equal(stretched, [[50, 100, 150]] * 3)


def test_no_warning_of_pillow_is_seen_and_the_filters_stay():
    """Whichever thread leaves last."""
    content = saved(Image.fromarray(NOISE).quantize(8), transparency=bytes([0, 128, 255]))
    before = list(warnings.filters)
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda _: pixels(content), range(100)))
    assert not seen
    assert warnings.filters == before
    assert not ImageFile.LOAD_TRUNCATED_IMAGES


def test_warnings_stay_away_until_the_last_one_leaves():
    before = list(warnings.filters)
    with silent():
        with silent():
            pass
        assert list(warnings.filters) != before
    assert list(warnings.filters) == before


def test_what_counts_as_a_picture_by_its_name():
    assert all(
        map(is_picture, ["a.jpg", "b.JPEG", "c.Png", "x.y.tiff", "-.webp", "é.gif", "z.bmp"])
    )
    assert not any(map(is_picture, ["a.txt", "png", ".png", "a.png.part", "a.svg", "a.heic"]))
