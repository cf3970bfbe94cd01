"""
Files that people send: what is accepted, how it is checked, and what is stored.

The ending of the name is a promise that the content must keep. Photos are drawn anew, which drops EXIF, GPS and
anything hidden behind the picture.
"""

from __future__ import annotations

import hashlib
import io
import re
import threading
import unicodedata
import zipfile
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import pillow_heif
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from PIL import Image, ImageOps, UnidentifiedImageError

MAX_FILES = 10
MAX_FILE_SIZE = 10 * 2**20  # bytes
MAX_TOTAL_SIZE = 30 * 2**20  # bytes
MAX_NAME = 200  # characters
MAX_PIXELS = 50_000_000  # a phone's camera makes 12 to 50 million
MAX_UNPACKED_SIZE = 200 * 2**20  # bytes
MAX_ZIP_ENTRIES = 1000

ACCEPTED = {
    "pdf": "application/pdf",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "heic": "image/heic",
    "heif": "image/heic",
    "doc": "application/msword",
    "xls": "application/vnd.ms-excel",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
}
_PILLOW_FORMAT = {"image/jpeg": "JPEG", "image/png": "PNG", "image/heic": "HEIF"}
_OLE_HEADER = bytes.fromhex("d0cf11e0a1b11ae1")  # the container of .doc, .xls and of encrypted .docx and .xlsx
_OLE_STREAMS = {"doc": ["WordDocument"], "xls": ["Workbook", "Book"]}
_ZIP_DIRECTORY_ENTRY = b"PK\x01\x02"
_PROGRAMS = set(
    ".apk .bat .cmd .com .cpl .dll .exe .hta .jar .js .jse .lnk .msi .pif .ps1 .reg .scr .vbe .vbs .wsf".split()
)

# Pillow only warns of too many pixels, and a warning cannot be made an error in one thread alone; `_open` looks itself.
Image.MAX_IMAGE_PIXELS = None
pillow_heif.register_heif_opener()
_one_picture_at_a_time = threading.Lock()  # 50 million pixels take 300 MB while they are drawn


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """What a form takes, by the endings of names, and in words."""

    endings: tuple[str, ...]
    words: str


ANY_KIND = Accepted(endings=tuple(ACCEPTED), words="PDF, фото (JPG, PNG, HEIC), Word, Excel, ZIP")
PHOTOS = Accepted(
    endings=tuple(ending for ending, kind in ACCEPTED.items() if kind in _PILLOW_FORMAT), words="фото (JPG, PNG, HEIC)"
)


@dataclass(frozen=True, kw_only=True)
class CheckedFile:
    """A file that passed; `content` is what will be stored."""

    name: str
    content: ContentFile[bytes]
    content_type: str
    size: int
    sha256: str


def check(upload: UploadedFile[Any], *, accepted: Accepted = ANY_KIND) -> CheckedFile:
    """
    Judge one uploaded file. Raises ValidationError with a code (`empty`, `too_large`, `type`, `mismatch`, `broken`,
    `encrypted`, `unsafe`) and a text that names the file and says how to put it right.
    """
    name = clean_name(upload.name or "")
    ending = PurePosixPath(name).suffix.lower().lstrip(".")
    if not upload.size:
        raise _refusal(name, "empty", "файл пустой. Проверьте, открывается ли он, и приложите снова")
    if upload.size > MAX_FILE_SIZE:
        limit = MAX_FILE_SIZE // 2**20
        raise _refusal(name, "too_large", f"больше {limit}\N{NO-BREAK SPACE}МБ. Сожмите файл или разделите на части")
    if ending not in accepted.endings:
        raise _refusal(name, "type", f"такие файлы мы не принимаем. Подойдут {accepted.words}")
    name, content_type, data = _proven(name, ending, upload.read())
    return CheckedFile(
        name=name,
        content=ContentFile(data),
        content_type=content_type,
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
    )


def clean_name(raw: str) -> str:
    """The name to show: no folders, no control or direction marks, at most 200 characters with the ending kept."""
    base = unicodedata.normalize("NFC", re.split(r"[/\\]", raw)[-1])
    visible = "".join(char for char in base if unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp"))
    visible = re.sub(r"\s+", " ", visible).strip(" .") or "файл"
    stem, _, ending = visible.rpartition(".")
    if not stem or len(ending) > 10:  # no ending that we know
        return visible[:MAX_NAME]
    return f"{stem[: MAX_NAME - 1 - len(ending)]}.{ending}"


def _refusal(name: str, code: str, problem: str) -> ValidationError:
    return ValidationError(f"«{name}»: {problem}.", code=code)


def _mismatch(name: str) -> ValidationError:
    return _refusal(name, "mismatch", "содержимое не подходит к окончанию имени. Откройте файл и сохраните его заново")


def _broken(name: str) -> ValidationError:
    return _refusal(name, "broken", "файл повреждён. Проверьте, открывается ли он, и приложите снова")


def _encrypted(name: str) -> ValidationError:
    return _refusal(name, "encrypted", "файл закрыт паролем. Снимите пароль и приложите снова")


def _proven(name: str, ending: str, data: bytes) -> tuple[str, str, bytes]:
    """Name, type and content to store, once the content has kept the promise of the ending."""
    content_type = ACCEPTED[ending]
    if content_type in _PILLOW_FORMAT:
        return _redraw(name, content_type, data)
    if ending == "pdf":
        _check_pdf(name, data)
    elif ending in _OLE_STREAMS:
        _check_ole(name, ending, data)
    else:
        _check_archive(name, ending, data)
    return name, content_type, data


# -- Documents ------------------------------------------------------------------------------------------------------


def _check_pdf(name: str, data: bytes) -> None:
    if not data.startswith(b"%PDF-"):
        raise _mismatch(name)
    if b"%%EOF" not in data[-2048:]:  # readers want the mark within the last kilobyte
        raise _broken(name)


def _check_ole(name: str, ending: str, data: bytes) -> None:
    """Word and Excel up to 2003 share one container, also with installers and letters: its streams tell them apart."""
    if not data.startswith(_OLE_HEADER) or not any(
        stream.encode("utf-16-le") in data for stream in _OLE_STREAMS[ending]
    ):
        raise _mismatch(name)


def _check_archive(name: str, ending: str, data: bytes) -> None:
    if data.startswith(_OLE_HEADER) and "EncryptedPackage".encode("utf-16-le") in data:
        raise _encrypted(name)
    if not data.startswith(b"PK"):
        raise _mismatch(name)
    entries = _entries(name, data)
    if _kind_of_archive(entries) != ending:
        raise _mismatch(name)
    if any(entry.flag_bits & 1 for entry in entries):
        raise _encrypted(name)
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED_SIZE:
        raise _refusal(name, "unsafe", "распаковывается в слишком большой объём. Приложите файлы по отдельности")
    if any(_is_program(entry.filename) for entry in entries):
        raise _refusal(name, "unsafe", "внутри есть программы или макросы. Оставьте только документы")


def _entries(name: str, data: bytes) -> list[zipfile.ZipInfo]:
    if data.count(_ZIP_DIRECTORY_ENTRY) > MAX_ZIP_ENTRIES:  # before the list of them fills the memory
        raise _refusal(name, "unsafe", f"внутри больше {MAX_ZIP_ENTRIES} файлов. Приложите только нужные")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
    except Exception as error:  # a broken archive makes the reader raise almost anything
        raise _broken(name) from error
    if not entries:
        raise _refusal(name, "empty", "архив пустой. Положите в него файлы и приложите снова")
    return entries


def _kind_of_archive(entries: list[zipfile.ZipInfo]) -> str:
    names = [entry.filename for entry in entries]
    if "[Content_Types].xml" in names:
        for kind, folder in (("docx", "word/"), ("xlsx", "xl/")):
            if any(name.startswith(folder) for name in names):
                return kind
    return "zip"


def _is_program(filename: str) -> bool:
    path = PurePosixPath(filename.lower().rstrip(". "))  # Windows ignores what is stripped here
    return path.suffix in _PROGRAMS or path.name == "vbaproject.bin"


# -- Photos ---------------------------------------------------------------------------------------------------------


def _redraw(name: str, content_type: str, data: bytes) -> tuple[str, str, bytes]:
    """The same picture and nothing else; HEIC becomes JPEG, which every office computer opens."""
    image = _open(name, content_type, data)
    drawn = io.BytesIO()
    try:
        with _one_picture_at_a_time:
            ImageOps.exif_transpose(image, in_place=True)
            image.load()
            # a palette's transparency belongs to the picture; EXIF, XMP, comments and the colour profile do not
            image.info = {key: value for key, value in image.info.items() if key == "transparency"}
            if content_type == "image/png":
                image.save(drawn, "PNG")
                return name, content_type, drawn.getvalue()
            upright = image if image.mode in ("RGB", "L") else image.convert("RGB")
            upright.save(drawn, "JPEG", quality=88)
    except Exception as error:  # a broken picture makes the decoders raise almost anything
        raise _broken(name) from error
    new_name = str(PurePosixPath(name).with_suffix(".jpg")) if content_type == "image/heic" else name
    return new_name, "image/jpeg", drawn.getvalue()


def _open(name: str, content_type: str, data: bytes) -> Image.Image:
    """The picture, not decoded yet: only the one format that its name promises, and of a bearable size."""
    try:
        image = Image.open(io.BytesIO(data), formats=[_PILLOW_FORMAT[content_type]])
    except UnidentifiedImageError as error:
        raise _mismatch(name) from error
    except Exception as error:  # as above
        raise _broken(name) from error
    if image.width * image.height > MAX_PIXELS:
        raise _refusal(name, "unsafe", "слишком большое разрешение. Уменьшите фото и приложите снова")
    return image
