"""
Draws one page of a PDF as a picture, in a process of its own that may do next to nothing.

A PDF comes from strangers. The drawing library has neither scripts nor forms built in, and whatever a crafted file does to
it ends with this process: little memory, a few seconds, no files to write. Run by `requests_app.previews` as a plain
script: the PDF on standard input, on standard output how many pages it has and, after a line break, the PNG. Without a
page number only the count.
"""

import io
import resource
import sys

MEMORY = 1024 * 2**20  # bytes
SECONDS = 10  # of the processor
LONGEST_SIDE = 1600  # pixels of the picture
_POINTS_PER_INCH = 72
_SHARPEST = 144 / _POINTS_PER_INCH


def main(page: int | None) -> None:
    """`page` counts from 1. Ends with an error for a broken or locked PDF and for a page that is not there."""
    import pypdfium2

    document = pypdfium2.PdfDocument(sys.stdin.buffer.read())
    sys.stdout.buffer.write(f"{len(document)}\n".encode())
    if page is not None:
        found = document[page - 1]
        scale = min(_SHARPEST, LONGEST_SIDE / max(found.get_size()))
        drawn = io.BytesIO()
        found.render(scale=scale).to_pil().save(drawn, "PNG")
        sys.stdout.buffer.write(drawn.getvalue())


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # pipes are no files
    main(int(sys.argv[1]) if len(sys.argv) > 1 else None)
