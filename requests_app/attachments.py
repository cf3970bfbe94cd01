"""
Files that people send: what is accepted, how it is checked, and what is stored.

A file is judged by its content; its name only has to agree. Photos are drawn anew, which drops EXIF, GPS and anything
hidden behind the picture.
"""

from __future__ import annotations

import hashlib
import io
import re
import unicodedata
import warnings
import zipfile
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import filetype
import pillow_heif
from django import forms
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from PIL import Image, ImageOps

MAX_FILES = 10
MAX_FILE_SIZE = 10 * 2**20  # bytes
MAX_TOTAL_SIZE = 30 * 2**20  # bytes
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
ACCEPTED_WORDS = "PDF, фото (JPG, PNG, HEIC), Word, Excel, ZIP"

_OLE_HEADER = bytes.fromhex("d0cf11e0a1b11ae1")
_PROGRAMS = {".exe", ".com", ".bat", ".cmd", ".scr", ".js", ".vbs", ".ps1", ".msi", ".jar", ".lnk", ".hta", ".dll"}

Image.MAX_IMAGE_PIXELS = MAX_PIXELS
pillow_heif.register_heif_opener()


@dataclass(frozen=True, kw_only=True)
class CheckedFile:
    """A file that passed; `content` is what will be stored."""

    name: str
    content: ContentFile[bytes]
    content_type: str
    size: int
    sha256: str


def check(upload: UploadedFile) -> CheckedFile:
    """
    Judge one uploaded file. Raises ValidationError with a code (`empty`, `too_large`, `type`, `mismatch`, `broken`,
    `unsafe`) and a text that names the file and says how to put it right.
    """
    name = clean_name(upload.name or "")
    if not upload.size:
        raise _refusal(name, "empty", "пустой. Проверьте, открывается ли он, и приложите снова")
    if upload.size > MAX_FILE_SIZE:
        raise _refusal(name, "too_large", f"больше {MAX_FILE_SIZE // 2**20} МБ. Сожмите его или разделите на части")
    ending = PurePosixPath(name).suffix.lower().lstrip(".")
    if ending not in ACCEPTED:
        raise _refusal(name, "type", f"такого вида, который мы не принимаем. Подойдут: {ACCEPTED_WORDS}")
    data = upload.read()
    content_type = ACCEPTED[ending]
    if _type_by_content(name, data) != content_type:
        raise _refusal(name, "mismatch", f"внутри не то, что обещает окончание «.{ending}». Сохраните его заново")
    if content_type.startswith("image/"):
        name, content_type, data = _redraw(name, content_type, data)
    return CheckedFile(
        name=name,
        content=ContentFile(data),
        content_type=content_type,
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
    )


def clean_name(raw: str) -> str:
    """
    The name to show: no folders, no control or direction marks, at most 200 characters with the ending kept.
    """
    base = re.split(r"[/\\]", raw)[-1]
    visible = "".join(char for char in base if unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp"))
    visible = re.sub(r"\s+", " ", visible).strip(" .") or "файл"
    path = PurePosixPath(visible)
    return path.stem[: 200 - len(path.suffix)] + path.suffix[:200]


def _refusal(name: str, code: str, problem: str) -> ValidationError:
    return ValidationError(f"Файл «{name}» {problem}.", code=code)


def _type_by_content(name: str, data: bytes) -> str:
    if data.startswith(_OLE_HEADER):  # .doc and .xls share one container: the ending tells them apart
        return ACCEPTED["xls"] if name.lower().endswith(".xls") else ACCEPTED["doc"]
    if data.startswith(b"PK"):
        return _type_of_archive(name, data)
    kind = filetype.guess(data)
    return {"image/heif": "image/heic"}.get(kind.mime, kind.mime) if kind else ""


def _type_of_archive(name: str, data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise _refusal(name, "broken", "повреждён. Проверьте, открывается ли он, и приложите снова") from error
    if len(entries) > MAX_ZIP_ENTRIES or sum(entry.file_size for entry in entries) > MAX_UNPACKED_SIZE:
        raise _refusal(name, "unsafe", "распаковывается в слишком большой объём. Приложите файлы по отдельности")
    names = {entry.filename for entry in entries}
    if any(PurePosixPath(entry).suffix.lower() in _PROGRAMS for entry in names):
        raise _refusal(name, "unsafe", "содержит программы. Оставьте в архиве только документы")
    if "word/document.xml" in names:
        return ACCEPTED["docx"]
    if "xl/workbook.xml" in names:
        return ACCEPTED["xlsx"]
    return ACCEPTED["zip"]


def _redraw(name: str, content_type: str, data: bytes) -> tuple[str, str, bytes]:
    """The same picture without anything else in the file; HEIC becomes JPEG, which every office computer opens."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = ImageOps.exif_transpose(Image.open(io.BytesIO(data), formats=["JPEG", "PNG", "HEIF"]))
            # a palette's transparency and the colour profile belong to the picture; comments and EXIF do not
            image.info = {key: image.info[key] for key in ("transparency", "icc_profile") if key in image.info}
            drawn = io.BytesIO()
            if content_type == "image/png":
                image.save(drawn, "PNG", optimize=False)
                return name, content_type, drawn.getvalue()
            image.convert("RGB").save(drawn, "JPEG", quality=88)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _refusal(name, "unsafe", "слишком большого разрешения. Уменьшите фото и приложите снова") from error
    except Exception as error:  # a broken picture makes the decoders raise almost anything
        raise _refusal(name, "broken", "повреждён. Проверьте, открывается ли фото, и приложите снова") from error
    return str(PurePosixPath(name).with_suffix(".jpg")), "image/jpeg", drawn.getvalue()


class FilesInput(forms.FileInput):
    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[UploadedFile]:
        return list(files.getlist(name)) if hasattr(files, "getlist") else list(files.get(name, []))


class FilesField(forms.FileField):
    """
    Several files at once; `clean` gives a list of `CheckedFile`. Raises `FilesRefused`, which names each file that is
    wrong and holds the good ones, so that the page can keep them.
    """

    widget = FilesInput

    def __init__(self, **kwargs: Any) -> None:
        endings = ",".join(f".{ending}" for ending in ACCEPTED)
        kwargs.setdefault("widget", FilesInput(attrs={"accept": endings}))
        kwargs.setdefault(
            "help_text", f"До {MAX_FILES} файлов, каждый до {MAX_FILE_SIZE // 2**20} МБ: {ACCEPTED_WORDS}"
        )
        super().__init__(**kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[CheckedFile]:
        uploads: list[UploadedFile] = [upload for upload in data or [] if upload]
        if self.required and not uploads:
            raise ValidationError("Приложите файл.", code="required")
        if len(uploads) > MAX_FILES:
            raise ValidationError(f"Выбрано файлов: {len(uploads)}, можно не больше {MAX_FILES}.", code="too_many")
        good: list[CheckedFile] = []
        refusals: list[ValidationError] = []
        for upload in uploads:
            try:
                good.append(check(upload))
            except ValidationError as refusal:
                refusals.append(refusal)
        if refusals:
            raise FilesRefused(refusals, good=good)
        return good


class FilesRefused(ValidationError):
    """Some files were refused; `good` are those that were not."""

    def __init__(self, refusals: list[ValidationError], *, good: list[CheckedFile]) -> None:
        super().__init__(list(refusals))
        self.good = good
