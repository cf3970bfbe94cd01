"""Answers that carry a table to a browser as a file to save."""

from collections.abc import Iterable, Sequence

from django.http import FileResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

from requests_app.tables import Value, csv_chunks, xlsx_file

FORMATS = {"csv": "CSV", "xlsx": "XLSX"}  # ending → what a link to it says
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def table_response(
    ending: str, *, name: str, header: Sequence[str], rows: Iterable[Sequence[Value]], widths: Sequence[int] = ()
) -> HttpResponseBase:
    """
    The table in the format of `ending`, one of FORMATS, called `name` with the ending.

    `rows` is read while the answer goes out (CSV) or before it (XLSX), never held whole. Nothing of it is cached.
    """
    response: HttpResponseBase
    if ending == "xlsx":
        file = xlsx_file(header, rows, sheet=name, widths=widths)
        response = FileResponse(file, as_attachment=True, filename=f"{name}.xlsx", content_type=XLSX_TYPE)
    else:
        response = StreamingHttpResponse(csv_chunks(header, rows), content_type="text/csv; charset=utf-8")
        response.headers["Content-Disposition"] = content_disposition_header(True, f"{name}.csv")
    response.headers["Cache-Control"] = "no-store, private"
    return response
