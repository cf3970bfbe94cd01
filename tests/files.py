"""Small real files for tests: the bytes of each, and what a browser uploads."""

import io
import shutil
import zipfile
from pathlib import Path

import pillow_heif
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from requests_app.models.attachment import private_storage

pillow_heif.register_heif_opener()

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
PDF_WITH_SCRIPT = PDF.replace(b"<<>>\nendobj", b"<< /OpenAction << /S /JavaScript /JS (app.alert(1)) >> >>\nendobj")
OLE_HEADER = bytes.fromhex("d0cf11e0a1b11ae1")
GPS = 0x8825
CAMERA = 0x010F
ORIENTATION = 0x0112


def pdf(number):
    """A PDF like no other."""
    return PDF.replace(b"1.4", b"1.%d" % number)


def upload(name="Акт.pdf", data=PDF, content_type="application/octet-stream"):
    return SimpleUploadedFile(name, data, content_type)


def fitting(service, stem="Акт"):
    """A file that the form of the service takes."""
    return upload(f"{stem}.jpg", picture()) if service.form_class.photos_only else upload(f"{stem}.pdf")


def picture(image_format="JPEG", *, size=(80, 40), mode="RGB", exif=None, **options):
    """A white picture with a red square in its top left corner."""
    image = Image.new("RGB", size, "white")
    image.paste("red", (0, 0, size[1] // 2, size[1] // 2))
    image = image.convert(mode)
    if exif:
        options["exif"] = exif.tobytes() if image_format == "HEIF" else exif
    file = io.BytesIO()
    image.save(file, image_format, **options)
    return file.getvalue()


def exif_of_a_phone(orientation=1):
    """What a phone writes into a photo: the place in Rostov, the camera, how the phone was held."""
    exif = Image.Exif()
    exif[CAMERA] = "TESTCAMERA"
    exif[ORIENTATION] = orientation
    exif.get_ifd(GPS).update({1: "N", 2: (47.0, 14.0, 3.0), 3: "E", 4: (39.0, 42.0, 5.0), 29: "2026:11:24"})
    return exif


def archive(entries=("Акт.txt",), *, data=b"text", compression=zipfile.ZIP_DEFLATED):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as zipped:
        for name in entries:
            zipped.writestr(name, data)
    return file.getvalue()


def docx(*more):
    return archive(["[Content_Types].xml", "word/document.xml", *more])


def xlsx(*more):
    return archive(["[Content_Types].xml", "xl/workbook.xml", *more])


def ole(*streams):
    """The beginning and the directory names of an old Office file."""
    return OLE_HEADER + bytes(504) + b"".join(stream.encode("utf-16-le").ljust(128, b"\0") for stream in streams)


def encrypted(data):
    """The archive with the mark that its entries are encrypted, in both headers of each."""
    marked = bytearray(data)
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = data.find(signature)
        while start >= 0:
            marked[start + offset] |= 1
            start = data.find(signature, start + 1)
    return bytes(marked)


# -- The private storage --------------------------------------------------------------------------------------------


def stored_files():
    """Every file in the private storage."""
    return sorted(path for path in Path(private_storage().location).rglob("*") if path.is_file())


def empty_storage():
    """Rows are rolled back after a test, files are not."""
    shutil.rmtree(private_storage().location, ignore_errors=True)


def fill_disk(monkeypatch):
    """Make a disk that takes the beginning of a file and then no more."""
    storage = private_storage()

    def save(self, name, content):
        path = Path(storage.path(name))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(type(storage), "save", save)


def pdf_pages(pages=1):
    """A well-formed PDF with so many empty pages."""
    kids = " ".join(f"{number + 3} 0 R" for number in range(pages))
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", f"<< /Type /Pages /Kids [{kids}] /Count {pages} >>"]
    objects += ["<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>"] * pages
    text, offsets = "%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(text))
        text += f"{number} 0 obj\n{body}\nendobj\n"
    start = len(text)
    text += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n"
    text += "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    return (text + f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n").encode()
