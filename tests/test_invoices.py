"""Invoices: made out by staff, read and paid by the consumer, marked as paid or cancelled on the desk."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone
from post_office.models import Email

from requests_app import actions, payment
from requests_app.codes import Category
from requests_app.lifecycle import Status
from requests_app.models import (
    AnswerGrade,
    GrantStatus,
    Invoice,
    InvoiceState,
    Message,
    MessageKind,
    StatusChange,
    VatRate,
)
from requests_app.models.papers import vat_within
from requests_app.services import invoice as invoice_service
from rsmportal import qr
from tests.factories import (
    AccessGrantFactory,
    ConsumerFactory,
    InvoiceFactory,
    IssuedDocumentFactory,
    StaffFactory,
    step_form,
    submitted,
)
from tests.files import empty_storage, pdf, picture, upload
from tests.on_behalf import written_down

pytestmark = pytest.mark.django_db

INVOICES = reverse("requests:invoices")
LISTING = reverse("admin:requests_app_invoice_changelist")
TODAY = timezone.localdate


@pytest.fixture(autouse=True)
def _empty_storage():
    empty_storage()


@pytest.fixture
def user():
    return ConsumerFactory().user


@pytest.fixture
def operator():
    return StaffFactory(group="operator")


@pytest.fixture
def supervisor():
    return StaffFactory(group="supervisor")


def html_of(response):
    return response.content.decode().replace("\N{NO-BREAK SPACE}", " ").replace("&nbsp;", " ")


def errors(form):
    """Field → codes of its errors."""
    return {name: [error.code for error in field_errors.as_data()] for name, field_errors in form.errors.items()}


def letters():
    return [email.prepare_email_message() for email in Email.objects.order_by("pk")]


# -- Making out -----------------------------------------------------------------------------------------------------


def asked(owner, *, is_confirmed=True, **answers):
    """A request at work; by default for an object to which access is confirmed."""
    if is_confirmed:
        answers["point"] = AccessGrantFactory(user=owner, status=GrantStatus.CONFIRMED).point_id
    service_request = submitted(invoice_service.SERVICE, owner=owner, **answers)
    return actions.transition(service_request, "take", by=StaffFactory(group="operator"))


def step_address(service_request, name):
    return reverse("admin:requests_app_servicerequest_transition", args=[service_request.pk, name])


def make_out(client, service_request, files=None, name="answer", **answers):
    address = step_address(service_request, name)
    data = {
        "comment": "Счёт приложен.",
        "category": service_request.category,
        "number": "1042",
        "issued_on": f"{TODAY():%Y-%m-%d}",
        "due_on": f"{TODAY() + timedelta(days=10):%Y-%m-%d}",
        "amount": "184 620,40",
        "vat_rate": VatRate.objects.get(percent=22).pk,
        "files": [upload("Счёт.pdf")] if files is None else files,
        **answers,
    }
    return client.post(address, data)


def test_an_invoice_is_made_out_with_the_answer(client, user, operator):
    service_request = asked(user, period="2026-09")
    client.force_login(operator)

    response = make_out(client, service_request)

    assert response.status_code == 302
    made = Invoice.objects.get()
    assert (made.number, made.year, made.state) == ("1042", TODAY().year, InvoiceState.ISSUED)
    assert (made.amount, made.vat_percent, made.vat_amount) == (Decimal("184620.40"), Decimal(22), Decimal("33292.20"))
    assert (made.service_name, made.contract_number) == ("Передача электроэнергии", service_request.contract_number)
    assert (made.document.period_from, made.document.period_to) == (date(2026, 9, 1), date(2026, 9, 30))
    assert (made.document.point, made.document.issued_by) == (service_request.detail.point, operator)
    service_request.refresh_from_db()
    assert service_request.status == Status.ANSWERED
    assert letters()[-1].subject == f"Заявка № {service_request.number}: счёт выставлен"


def test_an_unconfirmed_consumer_gets_one_after_a_check_alone(client, user, operator):
    service_request = asked(user, is_confirmed=False)
    client.force_login(operator)

    refused = make_out(client, service_request)
    make_out(client, service_request, right_checked="on", right_note="Заявка на присоединение")

    assert errors(refused.context["form"]) == {"right_checked": ["required"], "right_note": ["required"]}
    assert Invoice.objects.get().document.right_note == "Заявка на присоединение"


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({"number": ""}, {"number": ["required"]}),
        ({"number": "№"}, {"number": ["number"]}),
        ({"number": "½½½"}, {"number": ["number"]}),
        ({"number": "x" * 31}, {"number": ["max_length"]}),
        ({"amount": "0"}, {"amount": ["min_value"]}),
        ({"amount": "-5"}, {"amount": ["invalid"]}),
        ({"amount": "99999999999"}, {"amount": ["max_whole_digits"]}),
        ({"amount": "1,234"}, {"amount": ["max_decimal_places"]}),
        ({"vat_rate": ""}, {"vat_rate": ["required"]}),
        ({"vat_rate": "999999999999999999999999"}, {"vat_rate": ["invalid_choice"]}),
        ({"vat_amount": "100"}, {"vat_amount": ["vat"]}),
        ({"vat_amount": "33293,21"}, {"vat_amount": ["vat"]}),
        ({"vat_amount": "33293,20"}, {}),
        ({"issued_on": "вчера"}, {"issued_on": ["invalid"]}),
        ({"issued_on": "2999-01-01", "due_on": "2999-02-01"}, {"issued_on": ["date"], "due_on": ["far"]}),
        ({"issued_on": "2001-01-01"}, {"issued_on": ["date"]}),
        ({"due_on": "2001-01-01"}, {"due_on": ["due_before_issued"]}),
        ({"due_on": ""}, {"due_on": ["required"]}),
        ({"files": []}, {"files": ["required"]}),
    ],
)
def test_each_mistake_is_told_by_its_field(client, user, operator, answers, expected):
    service_request = asked(user)
    client.force_login(operator)

    response = make_out(client, service_request, **answers)

    if expected:
        assert errors(response.context["form"]) == expected
        assert not Invoice.objects.exists()
    else:
        assert Invoice.objects.get().vat_amount == Decimal("33293.20")


@pytest.mark.parametrize(
    ("files", "code"),
    [([upload("Счёт.png", picture("PNG"))], "not_pdf"), ([upload("Счёт.pdf"), upload("УПД.pdf", pdf(7))], "too_many")],
)
def test_an_invoice_is_one_pdf(client, user, operator, files, code):
    service_request = asked(user)
    client.force_login(operator)

    response = make_out(client, service_request, files=files)

    assert errors(response.context["form"]) == {"files": [code]}


def test_without_vat_there_is_no_tax(client, user, operator):
    service_request = asked(user)
    client.force_login(operator)
    rate = VatRate.objects.get(percent=None).pk

    refused = make_out(client, service_request, vat_rate=rate, vat_amount="1")
    make_out(client, service_request, vat_rate=rate)

    assert errors(refused.context["form"]) == {"vat_amount": ["vat"]}
    assert (Invoice.objects.get().vat_percent, Invoice.objects.get().vat_amount) == (None, 0)


def test_a_rate_that_is_not_offered_cannot_be_chosen(client, user, operator):
    rate = VatRate.objects.get(percent=20)
    VatRate.objects.filter(pk=rate.pk).update(is_offered=False)
    client.force_login(operator)

    response = make_out(client, asked(user), vat_rate=rate.pk)

    assert errors(response.context["form"]) == {"vat_rate": ["invalid_choice"]}


@pytest.mark.parametrize(
    ("amount", "percent", "tax"),
    [("122", "22", "22.00"), ("0.01", "22", "0.00"), ("100", "20", "16.67"), ("5", None, "0")],
)
def test_the_tax_is_within_the_sum(amount, percent, tax):
    assert vat_within(Decimal(amount), percent and Decimal(percent)) == Decimal(tax)


def test_a_number_is_used_once_a_year(client, user, operator):
    last_year = TODAY().replace(year=TODAY().year - 1, day=1)
    InvoiceFactory(number="0988", issued_on=last_year)
    InvoiceFactory(number="сч-7")
    client.force_login(operator)
    service_request = asked(user)

    taken = make_out(client, service_request, number="СЧ-7")
    make_out(client, service_request, number="№ 0988")

    assert errors(taken.context["form"]) == {"number": ["number_taken"]}
    assert Invoice.objects.filter(number="0988").count() == 2


def test_a_number_taken_meanwhile_is_told_by_its_field_and_nothing_is_lost(client, user, operator, monkeypatch):
    InvoiceFactory(number="1042")
    service_request = asked(user)
    client.force_login(operator)
    monkeypatch.setattr("requests_app.admin.issuing.IssueInvoiceForm._check_number", lambda form, cleaned: None)

    response = make_out(client, service_request, comment="Долго писал этот текст.")

    form = response.context["form"]
    assert set(form.errors) == {"number"}
    assert "Долго писал этот текст." in html_of(response)
    assert [file.original_name for file in form.kept_files] == ["Счёт.pdf"]
    service_request.refresh_from_db()
    assert service_request.status == Status.IN_PROGRESS
    assert not service_request.messages.exists()


def test_the_same_form_twice_is_one_invoice(client, user, operator):
    service_request = asked(user)
    client.force_login(operator)
    key = "7b9d5c1e-8a0f-4d55-9a3b-d0c8f1a3e333"

    first, second = (make_out(client, service_request, submission_key=key) for _ in range(2))

    assert first.status_code == second.status_code == 302
    assert Invoice.objects.count() == 1


def test_whoever_makes_out_another_is_told_of_the_one_that_waits(client, user, operator):
    """After a dispute: two invoices for one thing would be paid twice."""
    service_request = asked(user)
    client.force_login(operator)
    make_out(client, service_request, number="1042")
    service_request.refresh_from_db()
    actions.transition(service_request, "dispute", by=user, form=step_form("dispute", by=user))

    address = reverse("admin:requests_app_servicerequest_transition", args=[service_request.pk, "answer"])
    before = html_of(client.get(address))
    Invoice.objects.update(
        state=InvoiceState.CANCELLED, cancelled_by=operator, cancelled_at=timezone.now(), cancel_reason="Ошибка"
    )
    after = html_of(client.get(address))

    assert "уже ждёт оплаты счёт № 1042" in before
    assert "уже ждёт оплаты" not in after


@pytest.mark.parametrize(("closing", "is_told"), [("upd", True), ("none", False)])
def test_closing_documents_are_announced_where_they_will_come(client, user, operator, closing, is_told):
    """They come as a message, and nobody can write in a request that was closed too early."""
    service_request = asked(user, closing=closing)
    client.force_login(operator)
    make_out(client, service_request)
    client.force_login(user)

    page = html_of(client.get(service_request.get_absolute_url()))

    assert ("Закрывающие документы (УПД) пришлём сообщением" in page) == is_told


def test_who_may_not_issue_makes_out_nothing(client, user):
    one_more = StaffFactory(group="operator")
    one_more.groups.get().permissions.remove(*one_more.groups.get().permissions.filter(codename="issue_invoice"))
    service_request = asked(user)
    client.force_login(one_more)

    response = make_out(client, service_request)

    assert "недоступен" in html_of(response)
    assert not Invoice.objects.exists()
    with pytest.raises(PermissionDenied):
        actions.issue_invoice(service_request, facts=None, right_note="", by=one_more)


def test_the_accountant_is_told_the_number_and_nothing_else(client, user, operator):
    service_request = asked(user, accountant_email="buh@example.org", payer_name="Приходько Семён")
    client.force_login(operator)

    make_out(client, service_request)

    [letter] = [letter for letter in letters() if letter.to == ["buh@example.org"]]
    assert service_request.number in letter.subject
    assert Invoice.objects.get().get_absolute_url() in letter.body
    assert not letter.attachments
    for secret in ("184", "Приходько", "ТП-2019", user.email):
        assert secret not in letter.body + letter.alternatives[0].content


def test_the_accountant_of_who_has_no_cabinet_gets_no_link(client, operator):
    answers = {"accountant_email": "buh@example.org"}
    service_request = written_down(invoice_service.SERVICE, by=operator, answers=answers)
    actions.transition(service_request, "take", by=operator)
    client.force_login(operator)

    shown = client.get(reverse("admin:requests_app_servicerequest_transition", args=[service_request.pk, "answer"]))
    make_out(client, service_request, right_checked="on", right_note="Паспорт")

    assert "Мои счета" not in html_of(shown)
    [letter] = [letter for letter in letters() if letter.to == ["buh@example.org"]]
    assert service_request.number in letter.subject
    assert "/invoices/" not in letter.body + letter.alternatives[0].content


# -- Making out instead ---------------------------------------------------------------------------------------------


def cancelled(client, owner, *, by, **answers):
    """An answered request whose invoice 1042 was cancelled, as it is stored."""
    service_request = asked(owner, **answers)
    client.force_login(by)
    make_out(client, service_request)
    actions.cancel_invoice(Invoice.objects.get(), reason="Не тот объём.", by=StaffFactory(group="supervisor"))
    service_request.refresh_from_db()
    return service_request


def make_out_instead(client, service_request, **answers):
    return make_out(client, service_request, name="reissue", **{"number": "1043", **answers})


def test_another_is_made_out_instead_of_a_cancelled_one(client, user, operator):
    service_request = cancelled(client, user, by=operator, accountant_email="buh@example.org")
    queued = Email.objects.count()
    first = Invoice.objects.get()
    address = step_address(service_request, "reissue")

    assert address in html_of(client.get(page_of(first, "change")))
    assert address in html_of(
        client.get(reverse("admin:requests_app_servicerequest_change", args=[service_request.pk]))
    )
    response = make_out_instead(client, service_request, amount="122", measures_done="Другое", category="other")

    assert response.status_code == 302
    another = Invoice.objects.get(number="1043")
    assert (another.state, another.amount, another.vat_amount) == (InvoiceState.ISSUED, Decimal(122), Decimal(22))
    assert (another.document.service_request, another.document.issued_by) == (service_request, operator)
    to = {letter.to[0]: letter.subject for letter in letters()[queued:]}
    assert to == {
        user.email: f"Заявка № {service_request.number}: выставлен новый счёт",
        "buh@example.org": f"Заявка № {service_request.number}: счёт выставлен",
    }
    assert step_address(service_request, "reissue") not in html_of(client.get(page_of(first, "change")))


def test_the_answer_stays_what_it_was(client, user, operator):
    service_request = cancelled(client, user, by=operator)
    answer = service_request.status_changes.last()
    actions.grade_answer(service_request, grade=2, comment="Не то", by=user)
    names = ["status", "answered_at", "outcome", "due_on", "disputes", "category", "measures_done", "measures_planned"]
    before = [getattr(service_request, name) for name in names]

    make_out_instead(client, service_request, category=Category.APPEAL_OTHER, measures_done="Другое")

    service_request.refresh_from_db()
    assert [getattr(service_request, name) for name in names] == before
    assert list(StatusChange.objects.answers()) == [answer]
    actions.grade_answer(service_request, grade=4, comment="", by=user)
    assert AnswerGrade.objects.get().answer == answer


def test_both_sides_read_of_it_in_the_history(client, user, operator):
    service_request = cancelled(client, user, by=operator)
    make_out_instead(client, service_request, comment="Вот новый счёт.")
    words = "Выставлен новый счёт взамен аннулированного"

    desk = client.get(reverse("admin:requests_app_servicerequest_change", args=[service_request.pk]))
    client.force_login(user)
    cabinet = client.get(service_request.get_absolute_url())
    old, new = Invoice.objects.order_by("pk")
    page_of_old = html_of(client.get(old.get_absolute_url()))

    assert words in html_of(desk)
    assert words in html_of(cabinet)
    assert cabinet.context["answer"].body == "Вот новый счёт."
    assert "Не платите по этому счёту" in page_of_old
    assert f'Взамен выставлен <a href="{new.get_absolute_url()}">счёт № 1043</a>' in page_of_old


def test_the_new_one_has_its_own_code(client, user, operator, settings):
    service_request = cancelled(client, user, by=operator)
    make_out_instead(client, service_request, amount="122")
    client.force_login(user)
    old, new = Invoice.objects.order_by("pk")

    assert "code" not in client.get(old.get_absolute_url()).context
    line = payment.payment_line(settings.PAYEE, amount=Decimal(122), purpose=new.purpose)
    assert client.get(new.get_absolute_url()).context["code"] == qr.draw(line)


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({"number": "1042"}, {"number": ["number_taken"]}),
        ({"files": []}, {"files": ["required"]}),
        ({"files": [upload("Счёт.png", picture("PNG"))]}, {"files": ["not_pdf"]}),
        ({"comment": ""}, {"comment": ["required"]}),
    ],
)
def test_it_is_checked_as_the_first_one(client, user, operator, answers, expected):
    service_request = cancelled(client, user, by=operator)

    response = make_out_instead(client, service_request, **answers)

    assert errors(response.context["form"]) == expected
    assert Invoice.objects.count() == 1


def test_the_right_is_checked_anew(client, user, operator, supervisor):
    service_request = cancelled(client, user, by=operator)
    actions.revoke_access(user.access_grants.get(), reason="Договор расторгнут.", by=supervisor)

    refused = make_out_instead(client, service_request)
    make_out_instead(client, service_request, right_checked="on", right_note="Доверенность")

    assert errors(refused.context["form"]) == {"right_checked": ["required"], "right_note": ["required"]}
    assert Invoice.objects.get(number="1043").document.right_note == "Доверенность"


@pytest.mark.parametrize("state", [InvoiceState.ISSUED, InvoiceState.PAID])
def test_nothing_is_made_out_instead_of_an_invoice_that_stands(client, user, operator, state):
    service_request = asked(user)
    client.force_login(operator)
    make_out(client, service_request)
    if state == InvoiceState.PAID:
        actions.mark_paid(Invoice.objects.get(), paid_on=TODAY(), by=operator)

    response = make_out_instead(client, service_request)

    assert "недоступен" in html_of(response)
    assert Invoice.objects.count() == 1


def test_two_presses_and_two_colleagues_make_out_one(client, user, operator):
    service_request = cancelled(client, user, by=operator)
    key = "7b9d5c1e-8a0f-4d55-9a3b-d0c8f1a3e334"

    presses = [make_out_instead(client, service_request, submission_key=key) for _ in range(2)]
    client.force_login(StaffFactory(group="operator"))
    colleague = make_out_instead(client, service_request, number="1044")

    assert [response.status_code for response in presses] == [302, 302]
    assert "недоступен" in html_of(colleague)
    assert [invoice.number for invoice in Invoice.objects.order_by("pk")] == ["1042", "1043"]
    assert service_request.status_changes.filter(transition="reissue").count() == 1


def test_a_closed_request_gets_no_other(client, user, operator):
    service_request = cancelled(client, user, by=operator)
    actions.transition(service_request, "accept", by=user)

    response = make_out_instead(client, service_request)

    assert "Статус заявки уже другой" in html_of(response)
    assert Invoice.objects.count() == 1


def test_whoever_may_not_issue_makes_out_nothing_instead(client, user, operator):
    service_request = cancelled(client, user, by=operator)
    operator.groups.get().permissions.remove(*operator.groups.get().permissions.filter(codename="issue_invoice"))
    address = step_address(service_request, "reissue")

    shown = client.get(page_of(Invoice.objects.get(), "change"))
    staff = make_out_instead(client, service_request)
    client.force_login(user)
    make_out_instead(client, service_request)
    offered = client.get(reverse("requests:transition", args=[service_request.number, "reissue"]))

    assert address not in html_of(shown)
    assert "недоступен" in html_of(staff)
    assert offered.status_code == 404
    assert Invoice.objects.count() == 1


# -- «Мои счета» ----------------------------------------------------------------------------------------------------


def overdue(owner, **values):
    return InvoiceFactory(
        owner=owner, issued_on=TODAY() - timedelta(days=20), due_on=TODAY() - timedelta(days=4), **values
    )


def test_the_menu_leads_here(client, user):
    client.force_login(user)

    assert html_of(client.get(reverse("requests:cabinet"))).count(f'href="{INVOICES}"') == 1


def test_the_list_tells_numbers_sums_and_states(client, user):
    to_pay = InvoiceFactory(owner=user, amount="192318.75", vat_amount="34680.43", due_on=TODAY())
    late = overdue(user, number="Просроченный-1")
    InvoiceFactory(owner=user, state=InvoiceState.PAID)
    InvoiceFactory(owner=user, state=InvoiceState.CANCELLED)
    client.force_login(user)

    html = html_of(client.get(INVOICES))

    assert "192 318,75" in html
    assert "Просрочен на 4 дня" in html
    assert f"Просрочен счёт № {late.number}" in html
    assert f"Просрочен счёт № {to_pay.number}" not in html
    assert "К оплате 376 939,15 ₽." in html
    for word in ("Выставлен", "Оплачен", "Аннулирован"):
        assert f">{word}</span>" in html


@pytest.mark.parametrize(
    ("state", "found"),
    [("", 4), ("issued", 2), ("overdue", 1), ("paid", 1), ("cancelled", 1), ("nonsense", 4), ("\x00", 4)],
)
def test_the_list_is_narrowed_by_state(client, user, state, found):
    overdue(user)
    for each in InvoiceState:
        InvoiceFactory(owner=user, state=each)
    client.force_login(user)

    response = client.get(INVOICES, {"state": state})

    assert len(response.context["entries"]) == found


def test_filters_that_find_nothing_and_empty_lists_say_so(client, user):
    client.force_login(user)
    assert "Счетов пока нет" in html_of(client.get(INVOICES))

    InvoiceFactory(owner=user)

    assert "Таких счетов нет" in html_of(client.get(INVOICES, {"state": "paid"}))


def test_only_a_few_overdue_are_named_above(client, user):
    for _ in range(5):
        overdue(user)
    client.force_login(user)

    html = html_of(client.get(INVOICES))

    assert html.count("notice-bad") == 3
    assert 'href="?state=overdue"' in html


def test_an_address_can_sort_and_filter_by_nothing_else(client, user):
    InvoiceFactory(owner=user)
    client.force_login(user)

    response = client.get(INVOICES, {"document__issued_by__password__startswith": "a", "o": "document__issued_by"})

    assert len(response.context["entries"]) == 1


def test_the_cabinet_names_what_is_overdue(client, user):
    late = overdue(user)
    InvoiceFactory(owner=user)
    overdue(ConsumerFactory().user, number="Чужой-1")
    client.force_login(user)

    html = html_of(client.get(reverse("requests:cabinet")))

    assert f"Просрочен счёт № {late.number}" in html
    assert html.count("Просрочен счёт") == 1


def test_a_stranger_sees_neither_list_nor_invoice_nor_code(client, user):
    invoice = InvoiceFactory(number="Чужой-1", service_name="Чужая услуга")
    client.force_login(user)

    assert "Чуж" not in html_of(client.get(INVOICES))
    assert client.get(invoice.get_absolute_url()).status_code == 404
    assert client.get(invoice.document.attachment.get_absolute_url()).status_code == 404


def test_revoked_access_takes_its_invoices_away(client, user, supervisor):
    grant = AccessGrantFactory(user=user, status=GrantStatus.CONFIRMED)
    invoice = InvoiceFactory(owner=user, point=grant.point)
    client.force_login(user)
    assert client.get(invoice.get_absolute_url()).status_code == 200

    actions.revoke_access(grant, reason="Договор расторгнут.", by=supervisor)

    assert client.get(invoice.get_absolute_url()).status_code == 404
    assert client.get(INVOICES).context["page"].paginator.count == 0


@pytest.mark.parametrize("pk", ["0", "999999999999999999999999999999"])
def test_an_unknown_invoice_is_404(client, user, pk):
    client.force_login(user)

    assert client.get(f"{INVOICES}{pk}/").status_code == 404


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_only_reading(client, user, method):
    invoice = InvoiceFactory(owner=user)
    client.force_login(user)

    for address in (INVOICES, invoice.get_absolute_url()):
        assert getattr(client, method)(address).status_code == 405


@pytest.mark.parametrize("rows", [1, 10])
def test_cost_does_not_grow(client, user, rows, django_assert_num_queries):
    for _ in range(rows):
        overdue(user)
    client.force_login(user)

    with django_assert_num_queries(6):  # session, user with consumer, count, rows, overdue, sum
        client.get(INVOICES)


@pytest.mark.parametrize("rows", [1, 10])
def test_cost_of_the_page_of_a_request_does_not_grow(client, user, rows, django_assert_num_queries):
    service_request = submitted(invoice_service.SERVICE, owner=user)
    for _ in range(rows):
        InvoiceFactory(document=IssuedDocumentFactory(service_request=service_request))
    client.force_login(user)

    with django_assert_num_queries(8):
        assert client.get(service_request.get_absolute_url()).content.count(b"invoice-") >= rows


# -- The page of one ------------------------------------------------------------------------------------------------


def test_the_page_has_the_code_of_this_invoice_and_the_details_in_words(client, user, settings):
    invoice = InvoiceFactory(owner=user)
    client.force_login(user)

    html = html_of(client.get(invoice.get_absolute_url()))

    line = payment.payment_line(settings.PAYEE, amount=invoice.amount, purpose=invoice.purpose)
    assert qr.draw(line).path in html
    assert f"Оплата по счёту № {invoice.number} от {TODAY():%d.%m.%Y}, договор № ТП-2019/114" in invoice.purpose
    for words in (settings.PAYEE.name, settings.PAYEE.account, settings.PAYEE.bic, invoice.purpose, "184 620,40 ₽"):
        assert words in html


@pytest.mark.parametrize(("percent", "words"), [("22.00", "22 %"), ("10.00", "10 %"), ("16.67", "16,67 %")])
def test_a_rate_is_told_as_it_is(client, user, supervisor, percent, words):
    invoice = InvoiceFactory(owner=user, vat_percent=percent)

    client.force_login(user)
    assert words in html_of(client.get(invoice.get_absolute_url()))
    client.force_login(supervisor)
    assert words in html_of(client.get(page_of(invoice, "change")))


@pytest.mark.parametrize("state", [InvoiceState.PAID, InvoiceState.CANCELLED])
def test_what_is_not_to_be_paid_has_no_code(client, user, state):
    invoice = InvoiceFactory(owner=user, state=state)
    client.force_login(user)

    html = html_of(client.get(invoice.get_absolute_url()))

    assert '<svg class="qr"' not in html
    assert ("Не платите" in html) == (state == InvoiceState.CANCELLED)


def test_without_bank_details_the_page_says_where_they_stand(client, user, settings):
    settings.PAYEE = None
    invoice = InvoiceFactory(owner=user)
    client.force_login(user)

    html = html_of(client.get(invoice.get_absolute_url()))

    assert '<svg class="qr"' not in html
    assert "Реквизиты для оплаты стоят в счёте" in html


def test_what_people_typed_is_text(client, user):
    evil = "<script>alert(1)</script>|Sum=1"
    invoice = InvoiceFactory(owner=user, service_name=evil, contract_number=evil[:60])
    client.force_login(user)

    for address in (invoice.get_absolute_url(), INVOICES):
        assert "<script>alert" not in html_of(client.get(address))


def test_the_purpose_says_without_vat():
    invoice = InvoiceFactory(vat_percent=None, vat_amount=0, contract_number="")

    assert invoice.purpose.endswith("передача электроэнергии, без НДС")


# -- The desk -------------------------------------------------------------------------------------------------------


def page_of(invoice, name):
    return reverse(f"admin:requests_app_invoice_{name}", args=[invoice.pk])


def test_a_payment_is_noted_and_told(client, user, operator):
    invoice = InvoiceFactory(owner=user)
    client.force_login(operator)

    response = client.post(page_of(invoice, "paid"), {"paid_on": f"{TODAY():%Y-%m-%d}"}, follow=True)

    invoice.refresh_from_db()
    assert "Оплата отмечена." in html_of(response)
    assert (invoice.state, invoice.paid_on, invoice.paid_by) == (InvoiceState.PAID, TODAY(), operator)
    assert letters()[-1].subject == f"Счёт № {invoice.number}: оплата получена"
    assert Message.objects.get(kind=MessageKind.NOTE).audience == "staff"


@pytest.mark.parametrize(
    ("day", "code"),
    [
        ("", "required"),
        ("вчера", "invalid"),
        ("2999-01-01", "future"),
        ("0026-11-24", "long_ago"),
        ("0000-00-00", "invalid"),
        ("\x00", "invalid"),
    ],
)
def test_a_payment_has_a_day_that_has_come(client, operator, day, code):
    invoice = InvoiceFactory()
    client.force_login(operator)

    response = client.post(page_of(invoice, "paid"), {"paid_on": day})

    invoice.refresh_from_db()
    assert errors(response.context["form"]) == {"paid_on": [code]}
    assert invoice.state == InvoiceState.ISSUED


def test_cancelling_needs_a_reason_that_the_consumer_reads(client, user, supervisor):
    invoice = InvoiceFactory(owner=user)
    client.force_login(supervisor)

    refused = client.post(page_of(invoice, "cancel"), {"reason": " "})
    client.post(page_of(invoice, "cancel"), {"reason": "Ошибка в объёме."})

    assert errors(refused.context["form"]) == {"reason": ["required"]}
    client.force_login(user)
    assert "Ошибка в объёме." in html_of(client.get(invoice.get_absolute_url()))
    assert letters()[-1].subject == f"Счёт № {invoice.number}: аннулирован"


def test_a_payment_noted_by_mistake_is_taken_back_with_a_note(client, user, supervisor):
    invoice = InvoiceFactory(owner=user, state=InvoiceState.PAID)
    client.force_login(supervisor)

    client.post(page_of(invoice, "unpaid"), {"reason": "Платёж другого потребителя."})

    invoice.refresh_from_db()
    assert (invoice.state, invoice.paid_on, invoice.paid_by) == (InvoiceState.ISSUED, None, None)
    assert "Платёж другого" in Message.objects.get(kind=MessageKind.NOTE).body
    assert "Платёж другого" not in letters()[-1].body


WRONG_STATES = [
    ("paid", InvoiceState.PAID),
    ("paid", InvoiceState.CANCELLED),
    ("cancel", InvoiceState.PAID),
    ("cancel", InvoiceState.CANCELLED),
    ("unpaid", InvoiceState.ISSUED),
    ("unpaid", InvoiceState.CANCELLED),
]


@pytest.mark.parametrize(("name", "state"), WRONG_STATES)
def test_nothing_is_done_from_a_wrong_state(client, supervisor, name, state):
    """The second of two colleagues is told and overwrites nothing."""
    invoice = InvoiceFactory(state=state)
    client.force_login(supervisor)
    answers = {"paid_on": f"{TODAY():%Y-%m-%d}", "reason": "Другая причина"}

    opened = client.get(page_of(invoice, name))
    sent = client.post(page_of(invoice, name), answers)

    assert "Сейчас этого сделать нельзя" in html_of(opened)
    assert "Состояние счёта уже другое" in html_of(sent)
    invoice.refresh_from_db()
    assert (invoice.state, invoice.cancel_reason) == (state, "Ошибка в объёме." if state == "cancelled" else "")


@pytest.mark.parametrize("name", ["cancel", "unpaid"])
def test_an_operator_cancels_nothing(client, operator, name):
    invoice = InvoiceFactory(state=InvoiceState.PAID if name == "unpaid" else InvoiceState.ISSUED)
    client.force_login(operator)

    assert client.post(page_of(invoice, name), {"reason": "Так надо"}).status_code == 403
    assert page_of(invoice, name) not in html_of(client.get(page_of(invoice, "change")))


@pytest.mark.parametrize("action", [actions.mark_paid, actions.cancel_invoice, actions.take_back_payment])
def test_the_actions_themselves_ask_for_the_permission(user, action):
    values = {"paid_on": TODAY()} if action is actions.mark_paid else {"reason": "Так надо"}

    with pytest.raises(PermissionDenied):
        action(InvoiceFactory(), by=user, **values)


@pytest.mark.parametrize("action", [actions.cancel_invoice, actions.take_back_payment])
def test_the_actions_themselves_ask_for_a_reason(supervisor, action):
    with pytest.raises(actions.InvoiceNotChanged, match="причину"):
        action(InvoiceFactory(), reason=" ", by=supervisor)


def test_an_unknown_invoice_is_404_on_the_desk(client, supervisor):
    client.force_login(supervisor)

    assert client.post(reverse("admin:requests_app_invoice_paid", args=[999]), {}).status_code == 404


@pytest.mark.parametrize(
    ("state", "found"), [("overdue", 1), ("issued", 2), ("paid", 1), ("cancelled", 1), ("nonsense", 0)]
)
def test_the_desk_narrows_by_state(client, operator, user, state, found):
    overdue(user)
    for each in InvoiceState:
        InvoiceFactory(owner=user, state=each)
    client.force_login(operator)

    assert client.get(LISTING, {"state": state}).context["cl"].result_count == found


@pytest.mark.parametrize(("typed", "found"), [("10", 1), ("№ сч–1", 1), ("999", 0), ("number", 1)])
def test_the_desk_finds_by_number(client, operator, typed, found):
    invoice = InvoiceFactory(number="1067")
    InvoiceFactory(number="СЧ-12")
    client.force_login(operator)

    typed = invoice.service_request.number if typed == "number" else typed

    assert client.get(LISTING, {"q": typed}).context["cl"].result_count == found


@pytest.mark.parametrize(
    "lookup", ["document__issued_by__password__startswith", "paid_by__email__contains", "number__gt"]
)
def test_the_desk_filters_by_its_own_filters_alone(client, operator, lookup):
    client.force_login(operator)

    assert client.get(LISTING, {lookup: "a"}).status_code == 400


@pytest.mark.parametrize("rows", [1, 10])
def test_cost_of_the_desk_does_not_grow(client, operator, rows, django_assert_num_queries):
    InvoiceFactory.create_batch(rows, state=InvoiceState.PAID)
    client.force_login(operator)

    with django_assert_num_queries(6):  # session, user, two of permissions, count, rows
        client.get(LISTING)


def test_a_rate_has_one_row(client, supervisor):
    client.force_login(supervisor)
    address = reverse("admin:requests_app_vatrate_add")

    response = client.post(address, {"label": "НДС ещё раз", "percent": "20", "is_offered": "on"})
    client.post(address, {"label": "НДС 10 %", "percent": "10", "is_offered": "on"})

    assert set(response.context["adminform"].form.errors) == {"percent"}
    assert VatRate.objects.filter(percent=10).exists()


def test_everything_stands_on_the_page_of_the_desk(client, supervisor):
    invoice = InvoiceFactory(state=InvoiceState.CANCELLED)
    client.force_login(supervisor)

    html = html_of(client.get(page_of(invoice, "change")))

    for words in (invoice.service_request.number, "184 620,40", "33 292,20", "22 %", "Ошибка в объёме.", "Аннулировал"):
        assert words in html
