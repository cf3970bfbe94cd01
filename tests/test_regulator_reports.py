"""The regulator's tables 4.1 and 4.9: what counts, where the marks stand, what never gets in."""

import io
from datetime import date, datetime, time, timedelta

import openpyxl
import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from requests_app import actions, services
from requests_app.admin.forms import step_form_class
from requests_app.codes import AppealForm, Category, Outcome
from requests_app.lifecycle import APPEAL, Status
from requests_app.models import ReportRun, ServiceRequest
from requests_app.reading_windows import MOSCOW
from requests_app.reports import Period, appeal_rows, headings, names_somebody, without_personal
from tests.factories import ServiceRequestFactory, StaffFactory, step_form, submitted

pytestmark = pytest.mark.django_db

MAKE = reverse("admin:requests_app_reportrun_make")
YEAR = {"first": "2025-01-01", "last": "2025-12-31"}


@pytest.fixture
def supervisor(client):
    supervisor = StaffFactory(group="supervisor")
    client.force_login(supervisor)
    return supervisor


def sent(*moment, **given):
    return ServiceRequestFactory(submitted_at=datetime(*moment, tzinfo=MOSCOW), **given)


def sent_at(day, at):
    return ServiceRequestFactory(submitted_at=datetime.combine(day, at, MOSCOW))


def sheet(client, table, **asked):
    response = client.get(reverse("admin:requests_app_reportrun_file", args=[table]), {**YEAR, **asked})
    assert response.status_code == 200
    return openpyxl.load_workbook(io.BytesIO(b"".join(response))).active


@pytest.mark.parametrize(
    ("first", "last", "before"),
    [
        (date(2025, 1, 1), date(2025, 12, 31), (date(2024, 1, 1), date(2024, 12, 31))),
        (date(2025, 2, 1), date(2025, 2, 28), (date(2024, 2, 1), date(2024, 2, 29))),
        (date(2024, 2, 29), date(2024, 2, 29), (date(2023, 2, 28), date(2023, 2, 28))),
        (date(2024, 2, 29), date(2024, 3, 31), (date(2023, 3, 1), date(2023, 3, 31))),
        (date(2024, 2, 1), date(2024, 2, 29), (date(2023, 2, 1), date(2023, 2, 28))),
    ],
)
def test_the_year_before_has_the_same_days(first, last, before):
    earlier = Period(first, last).year_before()

    assert (earlier.first, earlier.last) == before


def test_the_columns_are_31():
    assert len(headings.APPEALS) == len(headings.APPEALS_ABOVE) == 31


@pytest.mark.parametrize("form", AppealForm)
def test_each_form_is_marked_in_its_column(form):
    sent(2025, 5, 5, appeal_form=form)

    [row] = appeal_rows(ServiceRequest.objects.all())

    assert [place for place in range(5, 10) if row[place - 1]] == [5 + list(AppealForm).index(form)]


@pytest.mark.parametrize("category", Category)
def test_each_category_is_marked_in_its_column(category):
    sent(2025, 5, 5, category=category)

    [row] = appeal_rows(ServiceRequest.objects.all())

    assert len(row) == 31
    assert [place for place in range(10, 27) if row[place - 1]] == [10 + list(Category).index(category)]


def test_the_file_has_marks_times_of_moscow_and_merged_headings(client, supervisor):
    service_request = sent(2025, 3, 8, 0, 5, status=Status.CLOSED, measures_done="=Дан ответ", measures_planned="Нет")

    page = sheet(client, "4.9")

    row = [cell.value for cell in page[3]]
    assert row[:4] == [1, service_request.number, "08.03.2025", "00:05"]
    assert [place for place in range(5, 30) if row[place - 1]] == [7, 12, 27]
    assert row[29:] == ["'=Дан ответ", "Нет"]
    assert "E1:I1" in page.merged_cells
    assert page["AC2"].value == "Обращение оставлено без ответа"


def test_days_begin_at_midnight_of_moscow(client, supervisor):
    sent(2024, 12, 31, 23, 59)
    inside = [sent(2025, 1, 1, 0, 0), sent(2025, 12, 31, 23, 59)]
    sent(2026, 1, 1, 0, 0)

    page = sheet(client, "4.9")

    assert [row[1].value for row in page.iter_rows(min_row=3)] == [each.number for each in inside]


def test_nothing_names_a_person(client, supervisor):
    service_request = sent(
        2025, 5, 5, status=Status.CLOSED, measures_done="Звонили на 8 (928) 123-45-67, a@example.org"
    )

    text = " ".join(str(cell.value) for row in sheet(client, "4.9").iter_rows() for cell in row)

    assert "Звонили на [скрыто], [скрыто]" in text
    assert service_request.applicant_name not in text


@pytest.mark.parametrize(
    "text", ["по заявкам 2025-000123 2025-1000124", "Приказ № 186 от 15.04.2014", "договор ТП-2019/101"]
)
def test_numbers_of_papers_may_be_published(text):
    assert not names_somebody(text)
    assert without_personal(text) == text


@pytest.mark.parametrize(
    ("text", "published"),
    [
        ("паспорт 6012-123456", "паспорт [скрыто]"),
        ("2025-000123 89281234567", "2025-000123 [скрыто]"),
        ("2025-00012389281", "[скрыто]"),
    ],
)
def test_what_only_looks_like_the_number_of_a_request_is_hidden(text, published):
    assert names_somebody(text)
    assert without_personal(text) == published


def test_an_anonymous_report_carries_marks_alone():
    service_request = submitted(services.get("violation-report"), reporter="anonymous")
    ServiceRequest.objects.filter(pk=service_request.pk).update(measures_done="Проверен дом соседа")

    [row] = appeal_rows(ServiceRequest.objects.filter(is_anonymous=True))

    assert row[1] == service_request.number
    assert row[29:] == [None, None]


def test_readings_visits_and_surveys_are_no_appeals():
    assert {service.slug for service in services.SERVICES} - set(services.appeals()) == {
        "meter-readings",
        "appointment",
        "survey",
    }


def test_the_table_of_categories_has_the_year_before(client, supervisor):
    sent(2024, 5, 5)
    for _ in range(3):
        sent(2025, 5, 5)
    sent(2025, 6, 6, category=Category.COMPLAINT_OTHER, appeal_form=AppealForm.PHONE)

    page = sheet(client, "4.1")

    rows = {row[1].value: [cell.value for cell in row] for row in page.iter_rows(min_row=3)}
    assert [cell.value for cell in page[2]][2:5] == ["2024", "2025", "Динамика, %"]
    assert rows["Всего обращений потребителей"][5:11] == [0, 1, "—", 1, 3, 200]
    assert rows["Обращения"][8:11] == [1, 3, 200]
    assert rows["Обращения, содержащие жалобу"][5:8] == [0, 1, "—"]


def test_both_years_of_the_table_of_categories_begin_and_end_at_midnight_of_moscow(client, supervisor):
    """Period: March; the seconds on both sides of its ends, and of those of the March before."""
    last = time.max
    for year in (2024, 2025):
        for day, at in ((date(year, 3, 1), time.min), (date(year, 3, 31), last)):
            sent_at(day, at)
        for day, at in ((date(year, 3, 1) - timedelta(days=1), last), (date(year, 4, 1), time.min)):
            sent_at(day, at)

    asked = {"first": "2025-03-01", "last": "2025-03-31"}
    rows = {row[1].value: [cell.value for cell in row] for row in sheet(client, "4.1", **asked).iter_rows(min_row=2)}

    assert rows["Всего обращений потребителей"][8:11] == [2, 2, 0]
    assert len(list(sheet(client, "4.9", **asked).iter_rows(min_row=3))) == 2


def test_the_lines_of_the_table_of_categories_are_called_as_the_columns_of_the_other(client, supervisor):
    titles = [row[1].value for row in sheet(client, "4.1").iter_rows(min_row=3) if "." in str(row[0].value)]

    assert titles == headings.APPEALS[9:26]
    assert titles[3] == "Качество обслуживания потребителей"


def test_the_page_sums_the_outcomes_of_the_other_table(client, supervisor):
    for status, outcome in [
        (Status.CLOSED, Outcome.IN_TIME),
        (Status.ANSWERED, Outcome.IN_TIME),
        (Status.CLOSED, Outcome.LATE),
        (Status.REFUSED, Outcome.NO_ANSWER),
        (Status.REGISTERED, ""),
        (Status.IN_PROGRESS, ""),
        (Status.AWAITING_CONSUMER, ""),
    ]:
        sent(2025, 5, 5, status=status, outcome=outcome)
    sent(2024, 12, 31, 23, 59, status=Status.CLOSED)

    page = client.get(MAKE, YEAR)

    marks = [[cell.value for cell in row][26:29] for row in sheet(client, "4.9").iter_rows(min_row=3)]
    sums = [sum(mark or 0 for mark in column) for column in zip(*marks, strict=True)]
    assert [count for _, count in page.context["outcomes"]] == [*sums, 3] == [2, 1, 1, 3]
    assert "Исчерпывающий ответ с нарушением сроков" in page.content.decode()


def test_the_page_shows_the_figures_of_the_files_and_each_download_is_kept(client, supervisor):
    sent(2025, 5, 5)

    html = client.get(MAKE, YEAR).content.decode()
    sheet(client, "4.9")

    assert "1 обращение" in html.replace("\N{NO-BREAK SPACE}", " ").replace("&nbsp;", " ")
    run = ReportRun.objects.get()
    assert (run.table, run.rows, run.by) == ("4.9", 1, supervisor)
    with pytest.raises(ValidationError):
        run.save()


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"first": "2025-02-30"}, "first"),
        ({"first": "0001-01-01"}, "first"),
        ({"first": "\x00"}, "first"),
        ({"first": ""}, "first"),
        ({"last": "2999-01-01"}, "last"),
        ({"last": "2024-12-31"}, "last"),
    ],
)
def test_a_wrong_period_is_said_by_its_field(client, supervisor, asked, field):
    response = client.get(MAKE, {**YEAR, **asked})

    assert list(response.context["form"].errors) == [field]
    for table in ("4.1", "4.9"):
        file = reverse("admin:requests_app_reportrun_file", args=[table])
        assert client.get(file, {**YEAR, **asked}).status_code == 404


def test_there_are_no_other_tables_and_no_other_methods(client, supervisor):
    assert client.get(reverse("admin:requests_app_reportrun_file", args=["4.2"]), YEAR).status_code == 404
    assert client.post(MAKE).status_code == 405


@pytest.mark.parametrize("count", [1, 10])
def test_the_page_costs_the_same(client, supervisor, count, django_assert_num_queries):
    for _ in range(count):
        sent(2025, 5, 5)

    with django_assert_num_queries(6):  # session, user, two of permissions, the figures of each table
        client.get(MAKE, YEAR)


def test_the_figures_do_not_change_with_the_person(client, supervisor):
    service_request = sent(2025, 5, 5, status=Status.CLOSED)
    before = [[cell.value for cell in row] for row in sheet(client, "4.9").iter_rows()]

    ServiceRequest.objects.filter(pk=service_request.pk).update(
        applicant_name="Удалено", applicant_email="", applicant_phone="", applicant_identifier=""
    )

    assert [[cell.value for cell in row] for row in sheet(client, "4.9").iter_rows()] == before


@pytest.mark.parametrize(("name", "by_owner"), [("refuse", False), ("withdraw", True)])
def test_what_ends_without_an_answer_says_so(name, by_owner):
    service_request = ServiceRequestFactory()
    by = service_request.owner if by_owner else StaffFactory(group="operator")

    ended = actions.transition(service_request, name, by=by, form=step_form(name, by=by))

    assert ended.outcome == Outcome.NO_ANSWER


def test_what_the_consumer_closes_has_the_codes_of_the_answer():
    service_request = ServiceRequestFactory(status=Status.IN_PROGRESS)
    operator = StaffFactory(group="operator")
    actions.transition(service_request, "answer", by=operator, form=step_form("answer", by=operator))

    closed = actions.transition(service_request, "accept", by=service_request.owner)

    assert (closed.status, closed.outcome, closed.category) == (
        Status.CLOSED,
        Outcome.IN_TIME,
        Category.APPEAL_METERING,
    )


@pytest.mark.parametrize("codes", [{"category": ""}, {"outcome": ""}])
def test_the_database_closes_nothing_without_codes(codes):
    service_request = ServiceRequestFactory(status=Status.REFUSED)

    with pytest.raises(IntegrityError, match="request_final_has_codes"), transaction.atomic():
        ServiceRequest.objects.filter(pk=service_request.pk).update(**codes)


@pytest.mark.parametrize(
    ("name", "done"), [("answer", "Дан ответ"), ("refuse", "Направлен отказ с\N{NO-BREAK SPACE}обоснованием")]
)
def test_measures_are_never_left_out(name, done):
    service_request = ServiceRequestFactory(status=Status.IN_PROGRESS)
    form_class = step_form_class("inquiry", name)
    data = {"comment": "Так.", "category": "appeal_other", "refusal_reason": "other"}

    form = form_class(data, owner=StaffFactory(), transition=APPEAL.get(name), service_request=service_request)

    form.is_valid()
    assert (form.cleaned_data["measures_done"], form.cleaned_data["measures_planned"]) == (done, "Не требуются")


def test_a_telephone_does_not_get_into_measures():
    service_request = ServiceRequestFactory(status=Status.IN_PROGRESS)
    data = {"comment": "Так.", "category": "appeal_other", "measures_done": "Звонили +79281234567"}

    form = step_form_class("inquiry", "answer")(
        data, owner=StaffFactory(), transition=APPEAL.get("answer"), service_request=service_request
    )

    assert form.errors["measures_done"].as_data()[0].code == "personal"
