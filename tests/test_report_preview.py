"""The page with the regulator's tables and their files say the same, figure by figure."""

import io
import re
from datetime import datetime

import openpyxl
import pytest
from django.urls import reverse

from requests_app.codes import AppealForm, Category
from requests_app.models import ReportRun
from requests_app.reading_windows import MOSCOW
from tests.factories import ConsumerFactory, ServiceRequestFactory, StaffFactory

pytestmark = pytest.mark.django_db

YEAR = {"first": "2025-01-01", "last": "2025-12-31"}


@pytest.fixture
def supervisor(client):
    """And appeals of two years, of each form and of many categories, unevenly."""
    owner = ConsumerFactory().user
    for number, category in enumerate(Category):
        form = list(AppealForm)[number % len(AppealForm)]
        for repeat in range(number % 4 + 1):
            year = 2024 if (number + repeat) % 3 == 0 else 2025
            moment = datetime(year, 3, 1 + repeat, 12, tzinfo=MOSCOW)
            ServiceRequestFactory(owner=owner, submitted_at=moment, category=category, appeal_form=form)
    supervisor = StaffFactory(group="supervisor")
    client.force_login(supervisor)
    return supervisor


def sheet(client, table):
    answer = client.get(reverse("admin:requests_app_reportrun_file", args=[table]), YEAR)
    rows = openpyxl.load_workbook(io.BytesIO(b"".join(answer))).active.iter_rows(values_only=True)
    return list(rows)


def on_the_page(html):
    """The rows of the table, cell by cell, as a reader sees them."""
    body = html.partition("<tbody>")[2].partition("</tbody>")[0]
    rows = [re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row) for row in body.split("</tr>") if "<td" in row]
    return [[cell.replace("&nbsp;", " ").strip() for cell in row] for row in rows]


def as_shown(value):
    if value is None:
        return ""
    return f"{value}".replace(".", ",") if isinstance(value, float) else f"{value}"


def test_each_figure_of_the_page_stands_in_the_file(client, supervisor):
    page = on_the_page(client.get(reverse("admin:requests_app_reportrun_make"), YEAR).content.decode())

    file = sheet(client, "4.1")[2:]  # under the two rows of headings

    assert len(page) == len(file) == 1 + 3 + len(Category)
    for shown, written in zip(page, file, strict=True):
        figures = [as_shown(value) for value in written[2:]]
        assert [cell.removesuffix(",0") for cell in shown[2:]] == [figure.removesuffix(",0") for figure in figures], (
            shown
        )
        assert shown[1] == written[1]


def test_the_files_agree_with_each_other_and_with_the_page(client, supervisor):
    """Every line of 4.9 has one form and one category; added up, they are the sums of 4.1 and the number of the page."""
    page = client.get(reverse("admin:requests_app_reportrun_make"), YEAR)
    appeals = [row for row in sheet(client, "4.9")[2:] if row[0]]
    by_category = sheet(client, "4.1")[2:]

    marks = [sum(row[column] or 0 for row in appeals) for column in range(4, 4 + len(AppealForm))]
    assert marks == [by_category[0][2 + 3 * place + 1] for place in range(len(AppealForm))]
    assert page.context["total"] == len(appeals) == sum(marks)
    lines = [row for row in by_category if "." in str(row[0])]
    for place, line in enumerate(lines):
        column = 4 + len(AppealForm) + place
        assert sum(row[column] or 0 for row in appeals) == sum(line[3::3][: len(AppealForm)]), line[1]
    assert {run.rows for run in ReportRun.objects.all()} == {len(appeals)}
