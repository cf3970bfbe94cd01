"""Scenes of tables with many readings: a consumer with several meters, and the file that is sent."""

import io

import openpyxl
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from requests_app.models import ReadingSheet
from tests.factories import ConsumerFactory, SupplyPointFactory
from tests.readings import confirmed_meter, past

TITLES = ["Номер счётчика", "Зона", "Показание", "Дата", "Пояснение"]


def meters(count, *, owner=None, until=5000, **about):
    """`count` meters of one consumer, each at a point of its own, with a past until `until`."""
    owner = owner or ConsumerFactory(agreed=True).user
    found = []
    for _ in range(count):
        meter = confirmed_meter(owner=owner, point=SupplyPointFactory(), **about)
        past(meter, until=until)
        found.append(meter)
    return owner, found


def csv_file(*rows, titles=TITLES, name="показания.csv"):
    lines = [";".join(titles), *(";".join(str(cell) for cell in row) for row in rows)]
    return SimpleUploadedFile(name, "\r\n".join(lines).encode())


def xlsx_file(*rows, titles=TITLES):
    book = openpyxl.Workbook()
    for row in [titles, *rows]:
        book.active.append(list(row))
    content = io.BytesIO()
    book.save(content)
    return SimpleUploadedFile("показания.xlsx", content.getvalue())


def uploaded(client, owner, file):
    """Put through the page; returns the address of the preview."""
    client.force_login(owner)
    response = client.post(reverse("requests:sheet_upload"), {"file": file})
    assert response.status_code == 302, response.context["form"].errors.as_json()
    return response.url


def send_sheet(client, owner, file, **answers):
    """Uploaded and sent through the pages; returns the sheet as it is then."""
    url = uploaded(client, owner, file)
    form = client.get(url).context["form"]
    client.post(url, {"submission_key": form.key, **answers})
    return ReadingSheet.objects.latest("pk")
