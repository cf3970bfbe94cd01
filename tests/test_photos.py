"""Photos are drawn anew before they are stored; attachments.py."""

import io
import struct
import zlib

import pytest
from PIL import Image

from requests_app.attachments import check
from tests import files
from tests.files import archive, exif_of_a_phone, picture, upload


@pytest.mark.parametrize(("name", "image_format"), [("a.jpg", "JPEG"), ("a.png", "PNG"), ("a.heic", "HEIF")])
def test_place_and_camera_are_gone(name, image_format):
    data = picture(image_format, exif=exif_of_a_phone())
    assert Image.open(io.BytesIO(data)).getexif().get_ifd(files.GPS)
    assert b"TESTCAMERA" in data

    stored = check(upload(name, data)).content.read()

    assert not Image.open(io.BytesIO(stored)).getexif()
    assert b"TESTCAMERA" not in stored
    assert b"Exif" not in stored
    assert b"eXIf" not in stored


@pytest.mark.parametrize(("name", "image_format"), [("a.jpg", "JPEG"), ("a.png", "PNG"), ("a.heic", "HEIF")])
def test_photo_of_a_turned_phone_is_upright(name, image_format):
    data = picture(image_format, exif=exif_of_a_phone(orientation=6))  # to be turned by 90° clockwise

    stored = Image.open(check(upload(name, data)).content).convert("RGB")

    assert stored.size == (40, 80)
    assert is_red(stored.getpixel((35, 5)))  # the red corner, top left before, is top right now
    assert not is_red(stored.getpixel((5, 5)))


def is_red(pixel):
    return pixel[0] > 200 and max(pixel[1:]) < 80


def test_comments_profiles_and_what_is_hidden_behind_the_picture_are_gone():
    data = picture(comment=b"SECRETCOMMENT", icc_profile=b"SECRETPROFILE", xmp=b"SECRETXMP") + archive(["virus.exe"])

    stored = check(upload("фото.jpg", data)).content.read()

    assert b"SECRET" not in stored
    assert b"PK" not in stored


def test_text_chunks_of_a_png_are_gone():
    chunk = b"tEXt" + b"Comment\0SECRET"
    data = picture("PNG")
    end = data.index(b"IEND") - 4
    data = data[:end] + struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk)) + data[end:]

    assert b"SECRET" not in check(upload("снимок.png", data)).content.read()


def test_transparency_stays():
    stored = Image.open(check(upload("печать.png", picture("PNG", mode="P", transparency=0))).content)

    assert "transparency" in stored.info
