"""Copies of documents: what the form asks, who gets them, what is seen of them afterwards."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone
from post_office.models import Email

from requests_app import actions
from requests_app.codes import Category
from requests_app.lifecycle import Status
from requests_app.models import FileAccess, GrantStatus, InvoiceState, IssuedDocument
from requests_app.services import document_copies
from tests.factories import (
    AccessGrantFactory,
    AttachmentFactory,
    ConsumerFactory,
    InvoiceFactory,
    IssuedDocumentFactory,
    StaffFactory,
    filled,
    step_form,
    submitted,
)
from tests.files import empty_storage, pdf, upload

pytestmark = pytest.mark.django_db

SERVICE = document_copies.SERVICE
DOCUMENTS = reverse("requests:documents")
TYPED = {"point": "", "contract_number": "ТП-2019/114"}


@pytest.fixture(autouse=True)
def _empty_storage():
    empty_storage()


@pytest.fixture
def user():
    return ConsumerFactory().user


@pytest.fixture
def operator():
    return StaffFactory(group="operator")


def errors(form):
    """Field → codes of its errors."""
    return {name: [error.code for error in field_errors.as_data()] for name, field_errors in form.errors.items()}


def month(months_ahead):
    today = timezone.localdate()
    number = today.year * 12 + today.month - 1 + months_ahead
    return f"{number // 12}-{number % 12 + 1:02}"


def html_of(response):
    return response.content.decode().replace("\N{NO-BREAK SPACE}", " ").replace("&nbsp;", " ")


# -- The form -------------------------------------------------------------------------------------------------------


def test_a_chosen_object_needs_no_proof_and_gives_its_contract_and_address(user):
    grant = AccessGrantFactory(user=user, status=GrantStatus.CONFIRMED)

    service_request = submitted(SERVICE, owner=user, point=grant.point_id)

    assert service_request.detail.point == grant.point
    assert service_request.contract_number == grant.point.contract_number
    assert service_request.object_address == grant.point.address


def test_a_chosen_object_wins_over_a_typed_one(user):
    grant = AccessGrantFactory(user=user, status=GrantStatus.CONFIRMED)

    sent = submitted(SERVICE, owner=user, point=grant.point_id, contract_number="ЧУЖОЙ", object_address="Чужой адрес")

    assert (sent.contract_number, sent.object_address) == (grant.point.contract_number, grant.point.address)


def test_a_typed_object_needs_a_proof(user):
    assert errors(filled(SERVICE, owner=user, **TYPED)) == {"files": ["required"]}
    assert submitted(SERVICE, owner=user, files=[upload("Доверенность.pdf")], **TYPED).detail.point is None


def test_an_object_is_chosen_or_named(user):
    nothing = filled(SERVICE, owner=user, files=[upload()], point="", contract_number="", object_address="")

    assert errors(nothing) == {"contract_number": ["required"]}


@pytest.mark.parametrize("status", [status for status in GrantStatus if status != GrantStatus.CONFIRMED])
def test_what_is_not_confirmed_is_not_offered(user, status):
    grant = AccessGrantFactory(user=user, status=status)
    point = grant.point_id or AccessGrantFactory(status=GrantStatus.CONFIRMED).point_id

    assert errors(filled(SERVICE, owner=user, point=point)) == {"point": ["invalid_choice"]}


@pytest.mark.parametrize("point", ["stranger", "999999999999999999999", "-1", "x", "\x00", "٩٩٩"])
def test_a_point_of_another_is_an_error_by_its_field(user, point):
    AccessGrantFactory(user=user, status=GrantStatus.CONFIRMED)
    stranger = AccessGrantFactory(status=GrantStatus.CONFIRMED).point_id

    form = filled(SERVICE, owner=user, point=stranger if point == "stranger" else point)

    assert set(errors(form)) == {"point"}


def test_without_objects_of_ones_own_none_is_asked_for(user):
    assert "point" not in SERVICE.form_class(owner=user).fields


def test_the_only_object_is_chosen_at_once(user):
    point = AccessGrantFactory(user=user, status=GrantStatus.CONFIRMED).point

    assert SERVICE.form_class(owner=user)["point"].initial == point


@pytest.mark.parametrize("kind", ["invoice", "reconciliation"])
def test_what_is_made_monthly_needs_a_period(user, kind):
    form = filled(SERVICE, owner=user, kind=kind, period_from="", period_to="")

    assert errors(form) == {"period_from": ["required"], "period_to": ["required"]}


def test_other_documents_need_none(user):
    sent = submitted(SERVICE, owner=user, kind="conditions", period_from="", period_to="")

    assert (sent.detail.period_from, sent.category) == (None, Category.APPEAL_CONNECTION)


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("01.2025", "2025-01", {}),
        ("2023-01", "2025-12", {}),
        ("2023-01", "2026-01", {"period_to": ["too_long"]}),
        ("2025-02", "2025-01", {"period_to": ["end_before_start"]}),
        (month(0), month(0), {}),
        (month(0), month(1), {"period_to": ["future"]}),
        ("2025-01", "", {"period_to": ["required"]}),
        ("", "2025-01", {"period_from": ["required"]}),
        ("2025-13", "январь", {"period_from": ["invalid"], "period_to": ["invalid"]}),
        ("٢٠٢٥-٠١", "2025-01\x00", {"period_from": ["invalid"], "period_to": ["invalid"]}),
    ],
)
def test_the_period_is_possible(user, first, last, expected):
    assert errors(filled(SERVICE, owner=user, period_from=first, period_to=last)) == expected


def test_the_period_is_kept_as_whole_months(user):
    detail = submitted(SERVICE, owner=user, period_from="01.2024", period_to="02.2024").detail

    assert (detail.period_from, detail.period_to) == (date(2024, 1, 1), date(2024, 2, 29))


@pytest.mark.parametrize(
    ("days", "expected"), [(0, {}), (1, {"document_date": ["future"]}), (-365 * 200, {"document_date": ["long_ago"]})]
)
def test_the_date_of_the_document_has_come(user, days, expected):
    day = timezone.localdate() + timedelta(days=days)

    assert errors(filled(SERVICE, owner=user, document_date=f"{day:%Y-%m-%d}")) == expected


def test_the_kind_is_one_of_the_list(user):
    assert errors(filled(SERVICE, owner=user, kind="passport")) == {"kind": ["invalid_choice"]}
    assert errors(filled(SERVICE, owner=user, kind="")) == {"kind": ["required"]}


def test_every_kind_has_a_category():
    for kind in document_copies.DocumentKind:
        form = SERVICE.form_class(owner=ConsumerFactory().user)
        form.cleaned_data = {"kind": kind}
        assert form.category().startswith("appeal_")


# -- Issuing --------------------------------------------------------------------------------------------------------


def asked(owner, **answers):
    """A request that is at work."""
    service_request = submitted(SERVICE, owner=owner, **answers)
    return actions.transition(service_request, "take", by=StaffFactory(group="operator"))


def answer(client, service_request, files=(), **answers):
    address = reverse("admin:requests_app_servicerequest_transition", args=[service_request.pk, "answer"])
    data = {"comment": "Копии приложены.", "category": service_request.category, "files": list(files), **answers}
    return client.post(address, data)


def test_copies_of_a_confirmed_object_need_a_file_and_nothing_else(client, user, operator):
    service_request = asked(user)
    client.force_login(operator)

    response = answer(client, service_request, [upload("Акт.pdf"), upload("Приложение.pdf", pdf(7))])

    assert response.status_code == 302
    papers = IssuedDocument.objects.all()
    assert {paper.attachment.original_name for paper in papers} == {"Акт.pdf", "Приложение.pdf"}
    assert {paper.title for paper in papers} == {"Акт сверки расчётов"}
    assert {paper.period.replace("\N{NO-BREAK SPACE}", " ") for paper in papers} == {"январь 2026 – март 2026"}
    assert {(paper.point, paper.issued_by, paper.right_checked_by) for paper in papers} == {
        (service_request.detail.point, operator, None)
    }


def test_the_letter_says_that_copies_are_ready(client, user, operator):
    service_request = asked(user)
    client.force_login(operator)

    answer(client, service_request, [upload()])

    letter = Email.objects.latest("pk").prepare_email_message()
    assert letter.subject == f"Заявка № {service_request.number}: копии готовы"
    assert "Акт сверки" not in letter.body


def test_nothing_is_given_out_without_a_file(client, user, operator):
    service_request = asked(user)
    client.force_login(operator)

    response = answer(client, service_request)

    assert errors(response.context["form"]) == {"files": ["required"]}
    assert not IssuedDocument.objects.exists()
    service_request.refresh_from_db()
    assert service_request.status == Status.IN_PROGRESS


def test_an_unconfirmed_consumer_gets_copies_after_a_check_alone(client, user, operator):
    service_request = asked(user, files=[upload("Доверенность.pdf")], **TYPED)
    client.force_login(operator)

    refused = answer(client, service_request, [upload()])
    without_note = answer(client, service_request, [upload()], right_checked="on")
    without_tick = answer(client, service_request, [upload()], right_note="Доверенность")

    assert errors(refused.context["form"]) == {"right_checked": ["required"], "right_note": ["required"]}
    assert errors(without_note.context["form"]) == {"right_note": ["required"]}
    assert errors(without_tick.context["form"]) == {"right_checked": ["required"]}
    assert not IssuedDocument.objects.exists()

    answer(client, service_request, [upload()], right_checked="on", right_note="Доверенность от 12 октября")
    paper = IssuedDocument.objects.get()

    assert (paper.right_checked_by, paper.right_note, paper.point) == (operator, "Доверенность от 12 октября", None)
    assert paper.right_checked_at is not None


def test_a_message_says_that_copies_go_another_way(client, user, operator):
    """A file of a message is seen by the consumer too, and nobody is asked for a right to it."""
    client.force_login(operator)

    page = html_of(client.get(reverse("admin:requests_app_servicerequest_message", args=[asked(user).pk])))

    assert "Сам документ выдают кнопкой «Выдать копии»" in page


def test_a_typed_contract_of_ones_own_proves_nothing(user, operator):
    """Whoever knows the number of a contract may type it: only the choice from the confirmed ones counts."""
    point = AccessGrantFactory(status=GrantStatus.CONFIRMED).point
    service_request = asked(user, files=[upload()], point="", contract_number=point.contract_number)

    assert service_request.detail.right_is_confirmed is False


def test_the_action_itself_gives_nothing_without_a_right(user, operator):
    service_request = asked(user, files=[upload()], **TYPED)
    service_request.messages.create(author=operator, kind="answer", audience="consumer", body="Вот.")
    AttachmentFactory(service_request=service_request, message=service_request.messages.get())

    with pytest.raises(actions.TransitionNotAllowed, match="право"):
        actions.issue_copies(service_request, right_note=" ", by=operator)

    assert not IssuedDocument.objects.exists()


def test_access_that_ends_while_the_answer_is_written_stops_it(client, user, operator):
    grant = AccessGrantFactory(user=user, status=GrantStatus.CONFIRMED)
    service_request = asked(user, point=grant.point_id)
    actions.revoke_access(grant, reason="Договор расторгнут.", by=StaffFactory(group="supervisor"))
    client.force_login(operator)

    response = answer(client, service_request, [upload()])

    assert "right_checked" in response.context["form"].errors
    assert not IssuedDocument.objects.exists()


def test_the_same_answer_twice_gives_one_paper(client, user, operator):
    service_request = asked(user)
    client.force_login(operator)
    key = "7b9d5c1e-8a0f-4d55-9a3b-d0c8f1a3e111"

    first, second = (answer(client, service_request, [upload()], submission_key=key) for _ in range(2))

    assert first.status_code == second.status_code == 302
    assert IssuedDocument.objects.count() == 1


@pytest.mark.parametrize("asked_for", ["on", ""])
def test_staff_are_told_that_a_signature_is_asked_for(client, user, operator, asked_for):
    service_request = asked(user, needs_signature=asked_for)
    client.force_login(operator)
    address = reverse("admin:requests_app_servicerequest_transition", args=[service_request.pk, "answer"])

    assert ("подпись УКЭП" in html_of(client.get(address))) == bool(asked_for)


def test_files_of_a_refused_answer_are_kept_and_given_out(client, user, operator):
    service_request = asked(user)
    client.force_login(operator)
    key = "7b9d5c1e-8a0f-4d55-9a3b-d0c8f1a3e222"

    answer(client, service_request, [upload("Копия.pdf")], submission_key=key, comment="")
    answer(client, service_request, submission_key=key)

    assert IssuedDocument.objects.get().attachment.original_name == "Копия.pdf"


def test_after_a_dispute_other_copies_join_the_first(client, user, operator):
    service_request = asked(user)
    client.force_login(operator)
    answer(client, service_request, [upload("Первая.pdf")])
    IssuedDocument.objects.update(title="Первая")
    service_request.refresh_from_db()
    actions.transition(service_request, "dispute", by=user, form=step_form("dispute", by=user))

    answer(client, service_request, [upload("Вторая.pdf", pdf(8))])

    assert {paper.title for paper in IssuedDocument.objects.all()} == {"Первая", "Акт сверки расчётов"}


def test_who_may_not_process_gives_nothing_out(user):
    with pytest.raises(PermissionDenied):
        actions.issue_copies(asked(user), right_note="Я так хочу", by=user)


# -- «Мои документы» ------------------------------------------------------------------------------------------------


def test_the_menu_leads_here(client, user):
    client.force_login(user)

    assert html_of(client.get(reverse("requests:cabinet"))).count(f'href="{DOCUMENTS}"') == 1


def test_the_list_tells_what_when_and_by_which_request(client, user):
    paper = IssuedDocumentFactory(owner=user, period_from=date(2026, 1, 1), period_to=date(2026, 3, 31))
    client.force_login(user)

    html = html_of(client.get(DOCUMENTS))

    for words in ("Акт сверки расчётов", "январь 2026 – март 2026", paper.service_request.number, "Акт допуска.pdf"):
        assert words in html
    assert f'href="{paper.attachment.get_absolute_url()}"' in html


def test_invoices_stand_there_too(client, user):
    invoice = InvoiceFactory(owner=user)
    client.force_login(user)

    assert f'href="{invoice.get_absolute_url()}"' in html_of(client.get(DOCUMENTS))


@pytest.mark.parametrize(("state", "is_told"), [(InvoiceState.ISSUED, False), (InvoiceState.CANCELLED, True)])
def test_a_cancelled_invoice_is_marked_there(client, user, state, is_told):
    InvoiceFactory(owner=user, state=state)
    client.force_login(user)

    assert ("аннулирован" in html_of(client.get(DOCUMENTS))) == is_told


def test_an_empty_list_says_how_to_ask(client, user):
    client.force_login(user)

    assert "Документов пока нет" in html_of(client.get(DOCUMENTS))


def test_papers_of_another_are_not_there(client, user):
    IssuedDocumentFactory(title="Чужой договор")
    client.force_login(user)

    assert "Чужой договор" not in html_of(client.get(DOCUMENTS))


def test_another_of_the_same_point_does_not_see_them(client, user):
    """Two accounts of one company: what one was given is not the other's."""
    point = AccessGrantFactory(user=user, status=GrantStatus.CONFIRMED).point
    colleague = AccessGrantFactory(status=GrantStatus.CONFIRMED, point=point).user
    paper = IssuedDocumentFactory(owner=colleague, point=point)
    client.force_login(user)

    assert paper.title not in html_of(client.get(DOCUMENTS))
    assert client.get(paper.attachment.get_absolute_url()).status_code == 404


def test_revoked_access_takes_its_papers_away_everywhere(client, user):
    grant = AccessGrantFactory(user=user, status=GrantStatus.CONFIRMED)
    paper = IssuedDocumentFactory(owner=user, point=grant.point)
    AccessGrantFactory(status=GrantStatus.CONFIRMED, point=grant.point)  # of another: does not count
    client.force_login(user)
    file, page = paper.attachment.get_absolute_url(), paper.service_request.get_absolute_url()
    opened = client.get(file)
    list(opened)
    assert opened.status_code == 200

    actions.revoke_access(grant, reason="Договор расторгнут.", by=StaffFactory(group="supervisor"))

    assert paper.title not in html_of(client.get(DOCUMENTS))
    assert client.get(file).status_code == 404
    assert file not in html_of(client.get(page))


def test_a_paper_whose_right_was_checked_stays(client, user):
    grant = AccessGrantFactory(user=user, status=GrantStatus.REVOKED)
    paper = IssuedDocumentFactory(
        owner=user,
        point=grant.point,
        right_checked_by=StaffFactory(),
        right_checked_at=timezone.now(),
        right_note="Суд",
    )
    client.force_login(user)

    assert paper.title in html_of(client.get(DOCUMENTS))


def test_the_page_of_the_request_says_that_files_are_closed(client, user, operator):
    grant = AccessGrantFactory(user=user, status=GrantStatus.CONFIRMED)
    service_request = asked(user, point=grant.point_id)
    client.force_login(operator)
    answer(client, service_request, [upload()])
    client.force_login(user)
    assert "Все выданные копии" in html_of(client.get(service_request.get_absolute_url()))

    actions.revoke_access(grant, reason="Договор расторгнут.", by=StaffFactory(group="supervisor"))

    assert "Файлы закрыты" in html_of(client.get(service_request.get_absolute_url()))


def test_every_download_is_noted_and_shown_to_staff(client, user, operator):
    service_request = asked(user)
    client.force_login(operator)
    answer(client, service_request, [upload()])
    paper = IssuedDocument.objects.get()
    desk = reverse("admin:requests_app_servicerequest_change", args=[service_request.pk])
    assert "пока нет" in html_of(client.get(desk))
    client.force_login(user)
    list(client.get(paper.attachment.get_absolute_url()))

    client.force_login(operator)
    html = html_of(client.get(desk))

    assert FileAccess.objects.get().by == user
    assert "пока нет" not in html
    assert "заявитель" in html


def test_the_note_on_the_right_is_for_staff_alone(client, user, operator):
    service_request = asked(user, files=[upload("Доверенность.pdf")], **TYPED)
    client.force_login(operator)
    answer(client, service_request, [upload()], right_checked="on", right_note="Сверено с паспортом сделки")
    desk = reverse("admin:requests_app_servicerequest_change", args=[service_request.pk])
    assert "Сверено с паспортом сделки" in html_of(client.get(desk))

    client.force_login(user)

    for page in (DOCUMENTS, service_request.get_absolute_url(), f"{service_request.get_absolute_url()}receipt/"):
        assert "паспортом сделки" not in html_of(client.get(page))


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_only_reading(client, user, method):
    client.force_login(user)

    assert getattr(client, method)(DOCUMENTS).status_code == 405


@pytest.mark.parametrize("page", ["0", "-1", "999", "x", "\x00", "9" * 30])
def test_a_nonsense_page_is_a_page(client, user, page):
    IssuedDocumentFactory(owner=user)
    client.force_login(user)

    assert client.get(DOCUMENTS, {"page": page}).status_code == 200


@pytest.mark.parametrize("rows", [1, 10])
def test_cost_does_not_grow(client, user, rows, django_assert_num_queries):
    for _ in range(rows):
        InvoiceFactory(owner=user)
    client.force_login(user)

    with django_assert_num_queries(4):  # session, user with consumer, count, rows
        client.get(DOCUMENTS)
