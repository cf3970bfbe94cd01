"""Lists of the desk as files: every one of them, as it is narrowed, without what nobody may read, and never untold."""

import csv
import io
import tracemalloc
from datetime import date, timedelta

import openpyxl
import pytest
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone
from post_office.models import STATUS, Email

from accounts.models import Consumer, User
from requests_app import actions
from requests_app.admin import export_words, exports
from requests_app.demo import bulk
from requests_app.demo.people import OPERATOR
from requests_app.lifecycle import Status
from requests_app.models import AnswerSample, ExportRun, ServiceRequest
from requests_app.models.quality import CRITERIA
from requests_app.models.request import HIDDEN_NAME
from requests_app.services import SERVICES
from requests_app.services.inquiry import Inquiry
from tests.factories import (
    AccessGrantFactory,
    ConsumerFactory,
    InvoiceFactory,
    MeterFactory,
    ServiceRequestFactory,
    StaffFactory,
    submitted,
)
from tests.quality import graded

pytestmark = pytest.mark.django_db

LISTS = [model._meta for model in admin.site._registry]
REQUESTS = "requests_app.servicerequest"


def address(listing=REQUESTS, ending="csv"):
    return reverse("export_list", args=[*listing.split("."), ending])


def read(response):
    """The rows of a CSV, the header first."""
    assert response.status_code == 200
    text = b"".join(response).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text), delimiter=";"))


def exported(client, listing=REQUESTS, **asked):
    return read(client.get(address(listing), asked))


def make_many(count):
    if not User.objects.filter(email=OPERATOR).exists():
        StaffFactory(email=OPERATOR, group="operator")
        ConsumerFactory()
    bulk.make_many(count, progress=lambda made: None)


@pytest.fixture
def supervisor(client):
    supervisor = StaffFactory(group="supervisor", name="Елена Викторовна, начальник отдела")
    client.force_login(supervisor)
    return supervisor


@pytest.fixture
def administrator(client):
    administrator = StaffFactory(is_superuser=True)
    client.force_login(administrator)
    return administrator


# -- Every list -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("opts", LISTS, ids=lambda opts: opts.label_lower)
def test_every_list_of_the_admin_leads_to_its_files(client, administrator, opts):
    ConsumerFactory()
    page = client.get(reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist")).content.decode()

    for ending in ("csv", "xlsx"):
        assert f'href="{address(opts.label_lower, ending)}"' in page
    header, *rows = exported(client, opts.label_lower)
    book = openpyxl.load_workbook(io.BytesIO(b"".join(client.get(address(opts.label_lower, "xlsx")))))

    assert [cell.value for cell in book.active[1]] == header
    assert all(header)
    assert len(header) == len(set(header))
    assert not any(title.isascii() for title in header if title not in ("Email", "IP"))
    assert all(len(row) == len(header) for row in rows)
    assert [run.listing for run in ExportRun.objects.all()] == [opts.label_lower] * 2


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.slug)
def test_what_was_asked_is_in_the_list_of_its_service(client, supervisor, service):
    service_request = submitted(service)

    header, row = exported(client, f"requests_app.{service.detail_name}")

    assert row[0] == service_request.number
    assert header[:4] == ["Номер", "Отправлена", "Статус", "Заявитель"]
    detail = dict(zip(header, row, strict=True))
    assert "ИНН плательщика" not in detail
    assert "Как связаться" not in detail


def test_rows_of_every_kind_come_out(client, administrator):
    """Related rows, decimals and dates: what a list of one model alone does not try."""
    for service in SERVICES:
        submitted(service)
    MeterFactory(serial="011076148")
    AccessGrantFactory()
    InvoiceFactory()

    found = {opts.label_lower: exported(client, opts.label_lower) for opts in LISTS}

    assert len(found["requests_app.invoice"]) == 2
    assert found["requests_app.invoice"][1][7] == "22,00"
    assert any("011076148" in row for row in found["requests_app.supplypoint"])
    assert "Номер" in found["requests_app.inquiry"][0]
    assert not any("<" in cell for rows in found.values() for row in rows for cell in row)


def test_letters_with_files_are_listed(client, administrator):
    submitted(next(service for service in SERVICES if service.slug == "appointment"))

    page = client.get(reverse("admin:post_office_email_changelist"))
    header, *rows = exported(client, "post_office.email")

    assert page.status_code == 200
    assert header == ["Написано", "Кому", "Тема", "Состояние", "Изменено"]
    assert rows[0][2].startswith("Заявка №")
    html = page.content.decode()
    assert "Отправить ещё раз" in html
    assert "ждёт новой попытки" in html
    assert not any(word in html for word in ("Requeue", "requeued", "Message-ID", "Last updated"))


def test_a_letter_is_read_not_edited(client, administrator):
    submitted(next(service for service in SERVICES if service.slug == "appointment"))
    letter = Email.objects.latest("pk")
    letter.logs.create(status=STATUS.failed, exception_type="SMTPException", message="no route")

    html = client.get(reverse("admin:post_office_email_change", args=[letter.pk])).content.decode()

    assert "Открыть письмо" in html
    assert "SMTPException no route" in html
    assert 'name="to"' not in html
    assert "Сохранить" not in html


# -- As it is narrowed ----------------------------------------------------------------------------------------------


def test_the_file_has_what_the_list_is_narrowed_to_in_its_order(client, supervisor):
    today = timezone.localdate()
    late = [ServiceRequestFactory(due_on=today - timedelta(days=days), applicant_name="ООО «Вега»") for days in (1, 3)]
    ServiceRequestFactory(due_on=today - timedelta(days=2), applicant_name="ООО «Лира»")
    ServiceRequestFactory(due_on=today, applicant_name="ООО «Вега»")

    narrowed = {"due": "late", "q": "вега"}
    page = client.get(reverse("admin:requests_app_servicerequest_changelist"), narrowed)
    _, *rows = exported(client, **narrowed)

    numbers = [row[0] for row in rows]
    assert numbers == [late[1].number, late[0].number]
    assert numbers == [service_request.number for service_request in page.context["cl"].result_list]
    assert f"{address()}?due=late&amp;q=%D0%B2%D0%B5%D0%B3%D0%B0" in page.content.decode()


def test_the_page_of_the_list_does_not_narrow_the_file(client, supervisor):
    ServiceRequestFactory.create_batch(55)

    page = client.get(reverse("admin:requests_app_servicerequest_changelist"), {"p": "2"}).content.decode()

    assert f'href="{address()}?"' in page
    assert len(exported(client, p="2")) == 56


def test_a_cell_has_the_whole_value(client, supervisor):
    service_request = ServiceRequestFactory(
        status=Status.IN_PROGRESS, assignee=supervisor, assigned_at=timezone.now(), subject="Учёт", is_urgent=True
    )

    header, row = exported(client)

    cells = dict(zip(header, row, strict=True))
    assert cells["Номер"] == service_request.number
    assert cells["Статус"] == "В работе"
    assert cells["Исполнитель"] == "Елена Викторовна"
    assert cells["Ответить до"] == f"{service_request.due_on:%d.%m.%Y}"
    assert cells["Опасность сейчас"] == "да"
    assert cells["Категория"] == service_request.get_category_display()


def test_the_words_of_a_grade_and_of_a_second_reading_come_out_whole(client, supervisor):
    long = "Ответили не на тот вопрос. " * 10
    request_with_grade = graded(grade=2, comment=long)
    answer = request_with_grade.status_changes.last()
    review = AnswerSample.objects.create(week=date(2026, 11, 16), answers=1).reviews.create(
        answer=answer, answered_by=answer.by
    )
    said = dict.fromkeys(CRITERIA, True) | {"is_clear": False, "mark": 3, "comment": long}
    actions.review_answer(review, values=said, by=supervisor)

    grade, reading = (
        dict(zip(*exported(client, f"requests_app.{model}"), strict=True)) for model in ("answergrade", "answerreview")
    )

    assert (grade["Комментарий"], reading["Замечания"]) == (long, long)
    assert (reading["Неделя"], reading["Понятно"], reading["Вежливо"]) == ("Неделя с 16.11.2026", "нет", "да")


def test_a_formula_that_somebody_typed_is_disarmed(client, supervisor):
    ServiceRequestFactory(subject='=HYPERLINK("http://example.org")', applicant_name="@SUM(A1)")

    _, row = exported(client)
    book = openpyxl.load_workbook(io.BytesIO(b"".join(client.get(address(ending="xlsx")))))

    assert row[2].startswith("'=")
    assert row[7].startswith("'@")
    assert [cell.data_type for cell in book.active[2]].count("f") == 0
    assert book.active["C2"].value.startswith("'=")


@pytest.mark.parametrize("asked", [{"q": "a\0b"}, {"status": "open", "q": "\0"}])
def test_a_search_that_cannot_be_read_gives_out_nothing(client, supervisor, asked):
    ServiceRequestFactory()

    response = client.get(address(), asked)

    assert response.status_code == 302
    assert response.url.startswith(reverse("admin:requests_app_servicerequest_changelist"))
    assert not ExportRun.objects.exists()


@pytest.mark.parametrize("lookup", ["owner__password__startswith", "applicant_name__contains", "owner__consumer__inn"])
def test_what_the_list_does_not_filter_by_the_file_does_not_either(client, supervisor, lookup):
    assert client.get(address(), {lookup: "a"}).status_code == 400
    assert not ExportRun.objects.exists()


def test_a_wrong_value_of_a_filter_leads_back_to_the_list(client, administrator):
    response = client.get(address("accounts.user"), {"groups__id__exact": "abc"})

    assert response.status_code == 302
    assert not ExportRun.objects.exists()


# -- What nobody may read -------------------------------------------------------------------------------------------


def test_an_anonymous_reporter_is_not_named(client, supervisor):
    reporter = ConsumerFactory(last_name="Приходько").user
    report = ServiceRequestFactory(
        owner=reporter,
        is_anonymous=True,
        applicant_name=HIDDEN_NAME,
        applicant_legal_form="",
        applicant_identifier="",
        applicant_email="",
        applicant_phone="",
        postal_address="",
    )

    whole = b"".join(client.get(address())).decode()

    assert report.number in whole
    assert "Приходько" not in whole
    assert reporter.email not in whole
    assert len(exported(client, q=reporter.email)) == 1


def test_identifiers_stay_masked(client, supervisor):
    consumer = ConsumerFactory()
    whole = b"".join(client.get(address("accounts.consumer"))).decode()

    assert consumer.masked_identifier in whole
    secrets = [consumer.inn, consumer.ogrn, consumer.ogrnip, consumer.snils_hash]
    assert not any(secret in whole for secret in secrets if secret)
    assert Consumer.objects.count() == 1


def test_only_requests_that_one_may_know_of_are_exported(client):
    """The officer knows of violation reports alone."""
    ServiceRequestFactory()
    report = submitted(next(service for service in SERVICES if service.slug == "violation-report"))
    client.force_login(StaffFactory(group="dpo"))

    _, *rows = exported(client)

    assert [row[0] for row in rows] == [report.number]


# -- Who may --------------------------------------------------------------------------------------------------------

#                supervisor operator dpo editor
MAY = {
    REQUESTS: (200, 403, 200, 403),
    "requests_app.inquiry": (200, 403, 403, 403),
    "requests_app.violationreport": (200, 403, 200, 403),
    "requests_app.supplypoint": (200, 403, 403, 403),
    "requests_app.invoice": (200, 403, 403, 403),
    "requests_app.reading": (200, 403, 403, 403),
    "requests_app.fileaccess": (200, 403, 200, 403),
    "requests_app.exportrun": (200, 403, 200, 403),
    "accounts.consumer": (200, 403, 200, 403),
    "accounts.user": (403, 403, 200, 403),
    "accounts.consentevent": (403, 403, 200, 403),
    "content.news": (403, 403, 403, 403),
    "post_office.email": (403, 403, 403, 403),
}


@pytest.mark.parametrize("column", range(4), ids=["supervisor", "operator", "dpo", "editor"])
@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_each_list_is_exported_by_those_it_is_meant_for(client, column, ending):
    client.force_login(StaffFactory(group=["supervisor", "operator", "dpo", "editor"][column]))
    answers = {listing: client.get(address(listing, ending)) for listing in MAY}

    for answer in answers.values():
        b"".join(answer)  # read to its end, so that files are closed
    assert {listing: answer.status_code for listing, answer in answers.items()} == {
        listing: codes[column] for listing, codes in MAY.items()
    }
    assert ExportRun.objects.count() == [codes[column] for codes in MAY.values()].count(200)


@pytest.mark.parametrize("who", ["consumer", "stranger"])
def test_others_are_led_to_the_login(client, who):
    if who == "consumer":
        client.force_login(ConsumerFactory(agreed=True).user)

    response = client.get(address())

    assert response.status_code == 302
    assert response.url.startswith((reverse("admin:login"), reverse("accounts:login")))


def test_operators_see_no_links(client):
    client.force_login(StaffFactory(group="operator"))

    page = client.get(reverse("admin:requests_app_servicerequest_changelist")).content.decode()

    assert "Скачать CSV" not in page


@pytest.mark.parametrize("listing", ["requests_app.nothing", "requests_app.message", "nothing.servicerequest"])
def test_what_is_no_list_is_not_there(client, administrator, listing):
    assert client.get(address(listing)).status_code == 404
    assert client.get(address(ending="pdf")).status_code == 404


@pytest.mark.parametrize("method", ["post", "head", "put", "delete"])
def test_nothing_but_get(client, supervisor, method):
    assert getattr(client, method)(address()).status_code == 405
    assert not ExportRun.objects.exists()


# -- The log --------------------------------------------------------------------------------------------------------


def test_the_log_says_who_took_what_narrowed_how_and_how_many_rows(client, supervisor):
    ServiceRequestFactory.create_batch(3, applicant_email="anna@example.org")

    exported(client, status="open", q="anna@example.org")

    run = ExportRun.objects.get()
    assert (run.by, run.listing, run.file_format) == (supervisor, REQUESTS, "csv")
    assert run.narrowed_by == "статус: Открытые; поиск: •••@•••"
    assert "anna" not in run.query
    assert run.query.startswith("status=open&q=")
    assert (run.rows, run.is_whole) == (3, True)
    assert run.finished_at >= run.at
    page = client.get(reverse("admin:requests_app_exportrun_changelist")).content.decode()
    assert "Елена Викторовна, начальник отдела" in page
    assert "статус: Открытые; поиск: •••@•••" in page


def test_the_log_is_narrowed_to_a_colleague(client, supervisor):
    run = ExportRun.objects.create(listing=REQUESTS, file_format="csv", by=supervisor)
    ExportRun.objects.create(listing=REQUESTS, file_format="csv", by=StaffFactory())

    page = client.get(reverse("admin:requests_app_exportrun_changelist"), {"colleague": supervisor.pk})

    assert list(page.context["cl"].result_list) == [run]


def test_the_log_is_written_before_the_first_row_goes_out(client, supervisor):
    ServiceRequestFactory()

    response = client.get(address())

    run = ExportRun.objects.get()
    assert (run.rows, run.finished_at, run.is_whole) == (None, None, False)
    assert (
        "не\N{NO-BREAK SPACE}окончена"
        in client.get(reverse("admin:requests_app_exportrun_changelist")).content.decode()
    )
    read(response)
    run.refresh_from_db()
    assert (run.rows, run.is_whole) == (1, True)


@pytest.mark.django_db(transaction=True)  # the end of an answer closes the connection
def test_a_download_that_breaks_off_is_told_with_what_had_gone(client, supervisor):
    make_many(3_000)

    response = client.get(address("requests_app.inquiry"))
    next(iter(response))
    response.close()

    run = ExportRun.objects.get()
    assert run.is_whole is False
    assert 0 < run.rows < Inquiry.objects.count()
    assert "скачивание прервано" in client.get(reverse("admin:requests_app_exportrun_changelist")).content.decode()


def test_dates_that_a_list_is_narrowed_to_are_told(client, administrator):
    exported(client, "requests_app.exportrun", at__year="2026", at__month="11")

    assert ExportRun.objects.latest("pk").narrowed_by == "когда: год 2026; когда: месяц 11"


def test_a_period_is_told_in_words(client, administrator):
    exported(client, "requests_app.fileaccess", at__gte="2026-10-26T00:00:00+03:00")

    assert ExportRun.objects.latest("pk").narrowed_by == "когда: с 26.10.2026"


def test_the_log_is_append_only(supervisor):
    run = actions.begin_export(listing=REQUESTS, file_format="csv", narrowed_by="", query="", by=supervisor)

    with pytest.raises(ValidationError) as caught:
        run.save()
    assert caught.value.code == "append_only"


def test_the_action_checks_the_right_too():
    with pytest.raises(PermissionDenied):
        actions.begin_export(
            listing=REQUESTS, file_format="csv", narrowed_by="", query="", by=StaffFactory(group="operator")
        )
    assert not ExportRun.objects.exists()


@pytest.mark.parametrize(
    ("term", "kept"),
    [
        ("anna@example.org", "•••@•••"),
        ("Анна anna@example.org", "Анна •••@•••"),
        ("616100000000", "••••••••••00"),
        ("ИНН 6161 000000", "ИНН •••• ••••00"),
        ("112-233-445 95", "•••-•••-••• 95"),
        ("+7 (918) 555-12-34", "+• (•••) •••-••-34"),
        ("285-12-34", "•••-••-34"),
        ("٦١٦١٠٠٠٠٠٠", "••••••••٠٠"),
        ("2026-000123", "2026-000123"),
        ("123", "123"),
        ("ООО «Вега»", "ООО «Вега»"),
        ("a\0" * 300, "a" * 200),
    ],
)
def test_whom_one_searched_for_is_masked_in_the_log(term, kept):
    assert export_words.masked(term) == kept


# -- A great many rows ----------------------------------------------------------------------------------------------


def test_too_many_rows_for_xlsx_are_told_and_csv_goes_on(client, supervisor, monkeypatch):
    monkeypatch.setattr(exports, "MOST_XLSX_ROWS", 3)
    ServiceRequestFactory.create_batch(4)

    told = client.get(address(ending="xlsx"), {"status": "open"}, follow=True)
    csv_rows = exported(client)

    assert told.redirect_chain[-1][0].endswith("?status=open")
    assert "не\N{NO-BREAK SPACE}больше 3 строк" in told.content.decode()
    assert len(csv_rows) == 5
    assert ExportRun.objects.get().file_format == "csv"
    ServiceRequest.objects.filter(pk=ServiceRequest.objects.latest("pk").pk).update(status=Status.IN_PROGRESS)
    assert b"".join(client.get(address(ending="xlsx"), {"status": "registered"})).startswith(b"PK")


@pytest.mark.parametrize("rows", [1, 30])
def test_the_number_of_queries_does_not_grow(client, supervisor, rows, django_assert_num_queries):
    ServiceRequestFactory.create_batch(
        rows, owner=ConsumerFactory().user, assignee=supervisor, assigned_at=timezone.now()
    )
    exported(client)

    with django_assert_num_queries(8):  # session, user, two of permissions, who is on duty, the log twice, the rows
        assert len(exported(client)) == rows + 1


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.slug)
def test_a_list_of_a_service_costs_the_same_however_long(client, supervisor, service, django_assert_max_num_queries):
    for _ in range(1 if service.slug == "survey" else 4):
        submitted(service)
    exported(client, f"requests_app.{service.detail_name}")

    with django_assert_max_num_queries(7):
        exported(client, f"requests_app.{service.detail_name}")


def _peak(client, listing="requests_app.inquiry"):
    tracemalloc.start()
    try:
        response = client.get(address(listing))
        size = sum(len(chunk) for chunk in response)
        return size, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.slow
def test_memory_does_not_grow_with_the_rows(client, supervisor, monkeypatch):
    make_many(2_000)
    _peak(client)
    few, peak_of_few = _peak(client)
    monkeypatch.setattr(bulk, "_SEED", 1)  # else the same keys again
    make_many(8_000)

    many, peak_of_many = _peak(client)

    assert many > 4 * few
    assert peak_of_many < 1.5 * peak_of_few
