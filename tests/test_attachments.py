"""What uploads are accepted and what is stored of them; attachments.py."""

import struct
import zipfile
import zlib

import pytest
from django.core.exceptions import ValidationError
from django.utils.datastructures import MultiValueDict
from PIL import Image

from requests_app import attachments
from requests_app.attachments import ACCEPTED, MAX_FILE_SIZE, MAX_FILES, check, clean_name
from requests_app.forms import FilesField, FilesRefused
from tests import files
from tests.files import archive, docx, exif_of_a_phone, ole, picture, upload, xlsx

MEGABYTE = 2**20


def its_name(value):
    """As the id of a case: the file's name, without its bytes."""
    return value if isinstance(value, str) else "…"


def refusal(name, data):
    with pytest.raises(ValidationError) as caught:
        check(upload(name, data))
    (error,) = caught.value.error_list
    return error


# -- Accepted -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "data", "content_type"),
    [
        ("Договор.pdf", files.PDF, "application/pdf"),
        ("СКАН.PDF", files.PDF, "application/pdf"),
        ("письмо.doc", ole("Root Entry", "WordDocument"), ACCEPTED["doc"]),
        ("показания.xls", ole("Root Entry", "Workbook"), ACCEPTED["xls"]),
        ("старые.xls", ole("Root Entry", "Book"), ACCEPTED["xls"]),
        ("письмо.docx", docx(), ACCEPTED["docx"]),
        ("письмо из браузера.docx", archive(["[Content_Types].xml", "word/document2.xml"]), ACCEPTED["docx"]),
        ("показания.xlsx", xlsx(), ACCEPTED["xlsx"]),
        ("акты.zip", archive(["акт 1.pdf", "акт 2.pdf"]), "application/zip"),
        ("фото.jpg", picture(), "image/jpeg"),
        ("фото.jpeg", picture(), "image/jpeg"),
        ("чёрно-белое.jpg", picture(mode="L"), "image/jpeg"),
        ("печать.jpg", picture(mode="CMYK"), "image/jpeg"),
        ("снимок экрана.png", picture("PNG"), "image/png"),
        ("прозрачный.png", picture("PNG", mode="RGBA"), "image/png"),
        ("палитра.png", picture("PNG", mode="P"), "image/png"),
    ],
    ids=its_name,
)
def test_what_offices_and_phones_make_is_accepted(name, data, content_type):
    checked = check(upload(name, data))

    assert (checked.name, checked.content_type) == (name, content_type)


def test_documents_are_stored_byte_by_byte():
    checked = check(upload("Акт.pdf", files.PDF_WITH_SCRIPT))

    assert checked.content.read() == files.PDF_WITH_SCRIPT
    assert checked.size == len(files.PDF_WITH_SCRIPT)


@pytest.mark.parametrize("ending", ["heic", "heif"])
def test_photo_of_an_iphone_becomes_jpeg(ending):
    checked = check(upload(f"IMG_0042.{ending.upper()}", picture("HEIF")))

    image = Image.open(checked.content)
    assert (checked.name, checked.content_type, image.format) == ("IMG_0042.jpg", "image/jpeg", "JPEG")


def test_the_type_that_the_browser_claims_means_nothing():
    checked = check(upload("Акт.pdf", files.PDF, content_type="text/html"))

    assert checked.content_type == "application/pdf"


def test_the_same_photo_is_stored_the_same_each_time():
    """So that sending it again is known to be the same."""
    first, second = (check(upload("фото.jpg", picture(exif=exif_of_a_phone()))) for _ in range(2))

    assert first.sha256 == second.sha256


# -- Refused --------------------------------------------------------------------------------------------------------

HTML = b"<!DOCTYPE html><script>alert(1)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("page.html", HTML, "type"),
        ("icon.svg", SVG, "type"),
        ("shell.pht", b"<?php system($_GET[0]);", "type"),
        ("run.exe", b"MZ", "type"),
        ("фото.jpg.exe", picture(), "type"),
        ("gpj.\N{RIGHT-TO-LEFT OVERRIDE}exe", b"MZ", "type"),
        ("макрос.docm", docx(), "type"),
        ("без окончания", files.PDF, "type"),
        (".pdf", files.PDF, "type"),
        ("clip.gif", picture("GIF"), "type"),
        ("страница.pdf", HTML, "mismatch"),
        ("страница.jpg", HTML, "mismatch"),
        ("рисунок.png", SVG, "mismatch"),
        ("polyglot.pdf", HTML + files.PDF, "mismatch"),
        ("программа.pdf", b"MZ" + bytes(100), "mismatch"),
        ("png под видом.jpg", picture("PNG"), "mismatch"),
        ("jpg под видом.png", picture(), "mismatch"),
        ("gif под видом.jpg", picture("GIF"), "mismatch"),
        ("eps для конвертера.jpg", b"%!PS-Adobe-3.0 EPSF-3.0\n", "mismatch"),
        ("zip под видом.docx", archive(), "mismatch"),
        ("xlsx под видом.docx", xlsx(), "mismatch"),
        ("docx под видом.zip", docx(), "mismatch"),
        ("сам распакуюсь.zip", b"MZ" + archive(), "mismatch"),
        ("установщик.doc", ole("Root Entry", "\u4840\u3f3f"), "mismatch"),
        ("xls под видом.doc", ole("Workbook"), "mismatch"),
        ("rtf под видом.doc", rb"{\rtf1 }", "mismatch"),
        ("пустой.pdf", b"", "empty"),
        ("пустой.zip", archive([]), "empty"),
        ("оборван.pdf", files.PDF[:-8], "broken"),
        ("оборван.jpg", picture(size=(400, 400))[:-500], "broken"),
        ("оборван.png", picture("PNG", size=(400, 400))[:-60], "broken"),
        ("оборван.zip", archive()[:-30], "broken"),
        ("оборван.docx", docx()[:200], "broken"),
        ("под паролем.zip", files.encrypted(archive()), "encrypted"),
        ("под паролем.docx", ole("EncryptedPackage"), "encrypted"),
        ("под паролем.xlsx", ole("EncryptedPackage"), "encrypted"),
        ("с программой.zip", archive(["акты/акт.pdf", "акты/Договор.pdf.EXE"]), "unsafe"),
        ("с программой и точкой.zip", archive(["setup.exe. "]), "unsafe"),
        ("с макросами.docx", docx("word/vbaProject.bin"), "unsafe"),
    ],
    ids=its_name,
)
def test_what_is_not_accepted_is_named_and_told_why(name, data, code):
    error = refusal(name, data)

    assert error.code == code
    assert clean_name(name) in error.message


def test_a_file_that_is_too_large_is_not_even_read():
    class Unreadable(type(upload())):
        def read(self, *args):
            raise AssertionError("read")

    huge = Unreadable("видео.pdf", b"")
    huge.size = MAX_FILE_SIZE + 1

    with pytest.raises(ValidationError) as caught:
        check(huge)

    assert caught.value.code == "too_large"


def test_a_picture_that_would_fill_the_memory_is_refused_before_it_is_decoded():
    bomb = bomb_png(width=60_000, height=60_000)

    error = refusal("фото.png", bomb)

    assert error.code == "unsafe"


def bomb_png(*, width, height):
    """A header that promises so many pixels, and next to nothing behind it."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = b"IDAT" + zlib.compress(bytes(1000))
    chunks = (header, body, b"IEND")
    packed = (struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk)) for chunk in chunks)
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)


@pytest.mark.parametrize("make", [archive, lambda entries, data: docx_with(entries, data)])
def test_an_archive_that_unpacks_into_too_much_is_refused(monkeypatch, make):
    monkeypatch.setattr(attachments, "MAX_UNPACKED_SIZE", 3 * MEGABYTE)
    ending = "zip" if make is archive else "docx"

    bomb = make([f"{number}.txt" for number in range(4)], data=bytes(MEGABYTE))

    assert len(bomb) < 20_000
    assert refusal(f"бомба.{ending}", bomb).code == "unsafe"


def docx_with(entries, data):
    return archive(["[Content_Types].xml", "word/document.xml", *entries], data=data)


def test_an_archive_of_very_many_files_is_refused():
    names = [str(number) for number in range(attachments.MAX_ZIP_ENTRIES + 1)]

    assert refusal("много.zip", archive(names, data=b"", compression=zipfile.ZIP_STORED)).code == "unsafe"


# -- Names ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("Акт допуска.pdf", "Акт допуска.pdf"),
        ("../../etc/passwd.pdf", "passwd.pdf"),
        (r"C:\Users\Иван\Рабочий стол\акт.pdf", "акт.pdf"),
        ("акт\r\nSet-Cookie: a=b.pdf", "актSet-Cookie: a=b.pdf"),
        ("акт\0.pdf", "акт.pdf"),
        ("ак\N{RIGHT-TO-LEFT OVERRIDE}т\N{ZERO WIDTH SPACE}.pdf", "акт.pdf"),
        ("и\N{COMBINING BREVE}од.pdf", "йод.pdf"),
        ("  акт \t 1 .pdf ", "акт 1 .pdf"),
        ("<img src=x onerror=alert(1)>.jpg", "<img src=x onerror=alert(1)>.jpg"),
        ("...", "файл"),
        ("", "файл"),
    ],
)
def test_a_name_is_shown_without_folders_and_tricks(raw, name):
    assert clean_name(raw) == name


def test_a_long_name_keeps_its_ending():
    name = clean_name("Я" * 300 + ".pdf")

    assert len(name) == 200
    assert name.endswith("ЯЯ.pdf")


def test_no_name_is_longer_than_its_column():
    assert max(len(clean_name(raw)) for raw in ("а." + "я" * 400, "я" * 400, "я" * 199 + ".pdf")) == 200


# -- Several files --------------------------------------------------------------------------------------------------


def test_good_files_are_told_apart_from_those_beside_them():
    with pytest.raises(FilesRefused) as caught:
        FilesField().clean([upload("a.pdf"), upload("b.exe"), upload("c.pdf"), upload("d.pdf", b"")])

    assert [file.name for file in caught.value.good] == ["a.pdf", "c.pdf"]
    assert [error.code for error in caught.value.error_list] == ["type", "empty"]


def test_more_files_than_allowed_are_refused_unread():
    with pytest.raises(ValidationError) as caught:
        FilesField().clean([upload(f"{number}.exe") for number in range(MAX_FILES + 1)])

    assert caught.value.code == "too_many"


def test_files_that_are_too_large_together_are_refused_unread(monkeypatch):
    monkeypatch.setattr("requests_app.forms.MAX_TOTAL_SIZE", 2 * len(files.PDF))

    with pytest.raises(ValidationError) as caught:
        FilesField().clean([upload(), upload(), upload("c.exe")])

    assert caught.value.code == "too_large_together"


def test_a_required_field_asks_for_a_file():
    with pytest.raises(ValidationError) as caught:
        FilesField().clean([])

    assert caught.value.code == "required"


def test_every_chosen_file_reaches_the_field():
    widget = FilesField().widget

    chosen = widget.value_from_datadict({}, MultiValueDict({"files": ["a", "b"]}), "files")

    assert chosen == ["a", "b"]
    assert "multiple" in widget.render("files", None)
