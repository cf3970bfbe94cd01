"""What the reporter is told: received, checked, not confirmed, and never what was found with whom."""

import pytest
from django.urls import reverse
from post_office.models import Email

from requests_app import actions
from requests_app.codes import RefusalReason
from requests_app.lifecycle import APPEAL, Actor, Status
from requests_app.models import MessageKind
from requests_app.services import violation_report
from requests_app.services.violation_report.life import REPORT
from tests.factories import ConsumerFactory, ServiceRequestFactory, StaffFactory, said, step_form, submitted
from tests.files import upload

pytestmark = pytest.mark.django_db

SERVICE = violation_report.SERVICE
FINDING = "У Сидорова из дома 12 сорвана пломба, составлен акт."
THREE = {"Принято", "Проверка проведена", "Не подтвердилось"}


@pytest.fixture
def inspector():
    return StaffFactory(group="inspector", name="Виктор Павлович, контролёр")


@pytest.fixture
def user(client):
    user = ConsumerFactory(agreed=True).user
    client.force_login(user)
    return user


@pytest.fixture(params=["named", "anonymous"])
def report(request, user):
    return submitted(SERVICE, owner=user, reporter=request.param)


def walk(report, by, *names, **answers):
    for name in names:
        form = step_form(name, by=by, life=REPORT, **{"comment": FINDING, **answers})
        actions.transition(report, name, by=by, form=form)
        report.refresh_from_db()
    return report


def page(client, report):
    return client.get(report.get_absolute_url()).content.decode()


def history(html):
    part = html[html.index('id="history"') :]
    return part[: part.index("</ol>")]


# -- The life -------------------------------------------------------------------------------------------------------


def test_every_state_that_can_be_reached_has_its_words():
    reached = {Status.REGISTERED, *(step.target for step in REPORT.transitions)}

    assert set(REPORT.what_next) == reached
    assert set(REPORT.labels) == reached
    assert all(status in reached for step in REPORT.transitions for status in step.sources)


def test_the_reporter_reads_three_words_a_question_and_their_own_withdrawal():
    words = set(REPORT.labels.values())

    assert words == THREE | {"Принято, есть вопрос к вам", "Отозвано"}


def test_names_fit_the_history_and_only_a_question_is_for_the_reporter():
    for step in REPORT.transitions:
        assert len(step.name) <= 10
        assert step.comment_is_note == (step.actor == Actor.STAFF and step.name != "ask")


def test_ordinary_requests_are_not_refused_as_unproven():
    form = step_form("refuse", by=StaffFactory(group="operator"), life=APPEAL)

    assert RefusalReason.UNPROVEN not in dict(form.fields["refusal_reason"].choices)
    assert len(form.fields["refusal_reason"].choices) == len(RefusalReason) - 1


# -- The page -------------------------------------------------------------------------------------------------------


def test_taking_it_is_not_told(client, report, inspector):
    before = page(client, report)
    Email.objects.all().delete()
    walk(report, inspector, "take", comment="")

    html = page(client, report)

    assert 'data-status="in_progress">Принято' in html
    assert history(html) == history(before)
    assert "Виктор Павлович" not in html
    assert not Email.objects.exists()


@pytest.mark.parametrize(
    ("steps", "label"),
    [(["take", "confirm"], "Проверка проведена"), (["take", "dismiss"], "Не подтвердилось")],
)
def test_the_end_is_a_word_and_nothing_of_what_was_found(client, report, inspector, steps, label):
    walk(report, inspector, *steps)

    html = page(client, report)
    receipt = client.get(reverse("requests:receipt", args=[report.number])).content.decode()
    listing = client.get(reverse("requests:list")).content.decode()

    assert label in html
    assert label in history(html)
    assert label in listing
    for text in (html, receipt, listing):
        assert "Сидоров" not in text
        assert "Виктор Павлович" not in text
        assert RefusalReason.NOT_OURS.label not in text
    for letter in Email.objects.all():
        assert "Сидоров" not in str(letter.context)


def test_files_of_the_finding_do_not_open_for_the_reporter(client, report, inspector):
    walk(report, inspector, "take", comment="")
    walk(report, inspector, "confirm", files=[upload("Акт.pdf")])
    attachment = report.attachments.get()

    assert client.get(attachment.get_absolute_url()).status_code == 404
    assert "Акт.pdf" not in page(client, report)


def test_what_was_found_is_a_note_on_the_desk(client, report, inspector):
    walk(report, inspector, "take", "confirm")
    client.force_login(inspector)

    html = client.get(reverse("admin:requests_app_servicerequest_change", args=[report.pk])).content.decode()

    assert FINDING in html
    assert "Видят только сотрудники" in html
    assert {message.kind for message in report.messages.all()} == {MessageKind.NOTE}


def test_no_day_of_an_answer_is_promised(client, report):
    html = page(client, report)

    assert "Ответим до" not in html
    assert report.term_basis not in html
    assert "Итог проверки" in html


def test_a_question_is_asked_and_answered(client, report, inspector):
    walk(report, inspector, "take", comment="")
    walk(report, inspector, "ask", comment="В каком подъезде щиток?")
    html = page(client, report)
    assert "В каком подъезде щиток?" in html
    assert "Принято, есть вопрос к вам" in html

    client.post(reverse("requests:message", args=[report.number]), {"body": "Во втором."})

    report.refresh_from_db()
    assert report.status == Status.IN_PROGRESS
    assert "Заявитель ответил" not in history(page(client, report))


def test_danger_is_repeated_on_top_while_it_is_open(client, user, inspector):
    report = submitted(SERVICE, owner=user, is_dangerous="on")
    html = page(client, report)
    assert html.index("Если там опасно, позвоните сейчас") < html.index("<h1>")
    assert 'href="tel:112"' in html

    walk(report, inspector, "take", "confirm")

    assert "Если там опасно" not in page(client, report)
    assert "Если там опасно" not in page(client, submitted(SERVICE, owner=user))


def test_it_is_withdrawn_until_somebody_looks_into_it(client, report, inspector):
    address = reverse("requests:transition", args=[report.number, "withdraw"])
    assert client.get(address).status_code == 200
    walk(report, inspector, "take", comment="")

    client.post(address)
    report.refresh_from_db()
    assert report.status == Status.IN_PROGRESS

    other = submitted(SERVICE, owner=report.owner, pole_number="15")
    client.post(reverse("requests:transition", args=[other.number, "withdraw"]))
    other.refresh_from_db()
    assert other.status == Status.WITHDRAWN


@pytest.mark.parametrize("name", ["take", "confirm", "dismiss", "ask", "accept", "dispute", "supply"])
def test_steps_of_others_have_no_page_for_the_reporter(client, report, name):
    assert client.get(reverse("requests:transition", args=[report.number, name])).status_code == 404


# -- The desk -------------------------------------------------------------------------------------------------------


def at(report, step):
    return reverse("admin:requests_app_servicerequest_transition", args=[report.pk, step])


def test_a_dismissal_names_how_the_check_ended(client, report, inspector):
    walk(report, inspector, "take", comment="")
    client.force_login(inspector)
    html = client.get(at(report, "dismiss")).content.decode()
    assert "Нарушения нет" in html
    assert "Чем кончилась проверка" in html
    assert RefusalReason.NO_RIGHT.label not in html

    refused = client.post(at(report, "dismiss"), {"comment": ""}).content.decode()
    assert "Напишите, что установила проверка." in refused
    assert "Выберите основание." in refused
    client.post(at(report, "dismiss"), {"comment": FINDING, "refusal_reason": RefusalReason.UNPROVEN})

    report.refresh_from_db()
    assert (report.status, report.refusal_reason) == (Status.REFUSED, RefusalReason.UNPROVEN)


def test_a_reason_of_other_services_is_refused(client, report, inspector):
    client.force_login(inspector)

    client.post(at(report, "dismiss"), {"comment": FINDING, "refusal_reason": RefusalReason.NO_RIGHT})

    report.refresh_from_db()
    assert report.status == Status.REGISTERED


@pytest.mark.parametrize("step", ["answer", "close", "refuse", "supply"])
def test_steps_of_an_appeal_are_not_there(client, report, inspector, step):
    client.force_login(inspector)

    assert client.get(at(report, step)).status_code == 404


def test_the_desk_offers_the_steps_of_this_life(client, report, inspector):
    walk(report, inspector, "take", comment="")
    steps = actions.available_transitions(report, by=inspector)

    assert [step.name for step in steps] == ["ask", "confirm", "dismiss"]
    assert {step.actor for step in steps} == {Actor.STAFF}


def test_the_desk_reminds_of_what_the_reporter_may_read(client, report, inspector):
    client.force_login(inspector)

    html = client.get(reverse("admin:requests_app_servicerequest_change", args=[report.pk])).content.decode()

    assert "Не&nbsp;пишите ему, что и&nbsp;у&nbsp;кого нашли" in html
    assert "Новое" in html


@pytest.mark.parametrize("rows", [1, 10])
def test_the_page_costs_the_same_for_one_message_and_for_ten(client, user, django_assert_max_num_queries, rows):
    report = submitted(SERVICE, owner=user, signs=["seal", "cut", "other"])
    for number in range(rows):
        actions.post_message(report, form=said(f"Дополнение {number}.", by=user), by=user)

    with django_assert_max_num_queries(11):
        client.get(report.get_absolute_url())


def test_other_requests_are_told_of_as_before(client, user):
    html = page(client, ServiceRequestFactory(owner=user, status=Status.IN_PROGRESS))

    assert "Взята в работу" in history(html)
