"""A PDF of one page with a few lines: enough for the demo, and nothing has to be installed for it."""

from collections.abc import Iterable

_UPPER = "АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ"
# The font is not in the file: the viewer takes its own, and the Helvetica that is built into viewers has no Russian letters.
# Names of the Russian letters in fonts: afii10017 is А, afii10065 is а. Their codes here begin with 128.
_NAMES = [
    *(f"afii{10017 + place}" for place in range(33)),
    *(f"afii{10065 + place}" for place in range(33)),
    "afii61352",
]
_CODES = {letter: 128 + place for place, letter in enumerate(_UPPER + _UPPER.lower() + "№")}


def one_page(lines: Iterable[str]) -> bytes:
    """The file. Letters that are neither Latin nor Russian become question marks."""
    text = b"BT /F1 14 Tf 22 TL 60 780 Td " + b" ".join(_shown(line) + b" Tj T*" for line in lines) + b" ET"
    names = " ".join(f"/{name}" for name in _NAMES)
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /LiberationSans /Encoding << /Type /Encoding "
        b"/BaseEncoding /WinAnsiEncoding /Differences [128 %s] >> >>" % names.encode(),
    ]
    return _file(objects)


def _shown(line: str) -> bytes:
    """A line as a string of hexadecimal codes."""
    codes = [_CODES.get(char, ord(char) if 32 <= ord(char) < 127 else ord("?")) for char in line]
    return b"<" + bytes(codes).hex().encode() + b">"


def _file(objects: list[bytes]) -> bytes:
    written = b"%PDF-1.4\n"
    places = []
    for number, content in enumerate(objects, start=1):
        places.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(objects) + 1
    trailer = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (count, len(written))
    return written + b"xref\n0 %d\n0000000000 65535 f \n%s" % (count, table) + trailer
