"""
Who of the staff may know of violation reports: to the others they are not there, in any list, search, filter, address,
file, message, letter or log. The same queryset answers everywhere; each place has its test.
"""

from importlib import import_module

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.urls import reverse
from post_office.models import Email

from accounts.models import User
from requests_app import actions, colleagues, services
from requests_app.codes import Category
from requests_app.lifecycle import Status
from requests_app.models import Attachment, FileAccess, Message, ReporterReveal, ServiceRequest
from requests_app.services import inquiry, violation_report
from requests_app.services.violation_report.life import REPORT
from tests.factories import ConsumerFactory, ServiceRequestFactory, StaffFactory, said, step_form, submitted
from tests.files import picture, upload

pytestmark = pytest.mark.django_db

SERVICE = violation_report.SERVICE
LIST = reverse("admin:requests_app_servicerequest_changelist")
KNOWING = ["inspector", "supervisor", "dpo"]
STEP_PAGES = ["message", "note", "assign", "transition", "reporter"]


@pytest.fixture
def report():
    return submitted(SERVICE, files=[upload("Фото.jpg", picture())], place="пустырь за рынком")


@pytest.fixture
def operator(client):
    operator = StaffFactory(group="operator")
    client.force_login(operator)
    return operator


def at(service_request, page):
    arguments = [service_request.pk, "take"] if page == "transition" else [service_request.pk]
    return reverse(f"admin:requests_app_servicerequest_{page}", args=arguments)


def listed(client, **query):
    return list(client.get(LIST, query).context["cl"].result_list)


# -- The queryset ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("group", KNOWING)
def test_who_has_the_permission_knows_of_reports(report, group):
    assert report in ServiceRequest.objects.visible_to(StaffFactory(group=group))


@pytest.mark.parametrize("group", ["operator", "editor", None])
def test_who_has_it_not_does_not(report, group):
    assert report not in ServiceRequest.objects.visible_to(StaffFactory(group=group))


@pytest.mark.parametrize("group", ["inspector", "dpo"])
def test_inspectors_and_the_data_protection_officer_know_of_nothing_else(report, group):
    ServiceRequestFactory()

    assert list(ServiceRequest.objects.visible_to(StaffFactory(group=group))) == [report]


def test_the_permission_opens_nothing_to_consumers(report):
    consumer = ConsumerFactory().user
    for codename in ("view_servicerequest", "view_violationreport", "process_servicerequest"):
        consumer.user_permissions.add(Permission.objects.get(codename=codename))

    assert not ServiceRequest.objects.visible_to(User.objects.get(pk=consumer.pk)).exists()


def test_whoever_sees_every_service_asks_the_database_for_no_list_of_them():
    superuser = StaffFactory(is_superuser=True)

    assert "WHERE" not in str(ServiceRequest.objects.visible_to(superuser).query).upper()


def test_the_groups_can_be_taken_back_and_made_again():
    loader = MigrationLoader(connection)
    (key,) = (key for key in loader.disk_migrations if key[1].endswith("violation_groups"))
    apps = loader.project_state(key).apps  # as the migration gets them: it leaves a mark on them
    migration = import_module(f"requests_app.migrations.{key[1]}")
    editor = type("Editor", (), {"connection": connection})
    import_module("requests_app.migrations.0036_group_names").to_english(apps, editor)
    migration.remove(apps, editor)
    assert not Group.objects.filter(name="inspector").exists()
    assert not Group.objects.filter(permissions__codename__in=["see_reporter", "view_violationreport"]).exists()

    migration.create(apps, editor)

    assert Group.objects.get(name="inspector").permissions.count() == 2
    assert Group.objects.filter(permissions__codename="see_reporter").get().name == "dpo"


# -- Lists, searches, filters ---------------------------------------------------------------------------------------


def test_it_is_in_no_list_of_operators(client, operator, report):
    other = ServiceRequestFactory()

    response = client.get(LIST)

    assert list(response.context["cl"].result_list) == [other]
    assert response.context["cl"].result_count == 1
    html = response.content.decode()
    assert report.number not in html
    assert SERVICE.noun not in html


def test_no_search_of_operators_finds_it(client, operator, report):
    consumer = report.owner.consumer
    for term in (report.number, report.number[-6:], report.owner.email, consumer.snils, consumer.last_name):
        assert listed(client, q=term) == []


@pytest.mark.parametrize(
    "query",
    [
        {"service": "violation-report"},
        {"service__exact": "violation-report"},
        {"status": "open"},
        {"due": "week"},
        {"assignee": "nobody"},
        {"is_urgent__exact": 1},
    ],
)
def test_no_filter_of_operators_finds_it(client, operator, report, query):
    response = client.get(LIST, query, follow=True)

    assert report.number not in response.content.decode()


def test_its_own_list_is_closed_to_operators(client, operator, report):
    assert client.get(reverse("admin:requests_app_violationreport_changelist")).status_code == 403
    assert client.get(reverse("admin:requests_app_violationreport_changelist"), {"q": "рынок"}).status_code == 403
    for page in ("change", "history", "delete"):
        address = reverse(f"admin:requests_app_violationreport_{page}", args=[report.pk])
        missing = reverse(f"admin:requests_app_violationreport_{page}", args=[report.pk + 100])
        # whether there is such a report is not told either
        answers = {client.get(each, follow=True).status_code for each in (address, missing)}
        assert answers in ({403}, {404})


def test_no_autocomplete_names_it(client, operator, report):
    address = reverse("admin:autocomplete")
    for model in ("message", "attachment", "statuschange", "violationreport", "reporterreveal"):
        query = {"app_label": "requests_app", "model_name": model, "field_name": "service_request", "term": "2026"}
        response = client.get(address, query)
        assert response.status_code == 403 or response.json()["results"] == []


def test_the_menu_of_operators_does_not_name_it(client, operator):
    assert "Сообщения о нарушениях" not in client.get(reverse("admin:index")).content.decode()


def test_supervisors_find_it_by_everything(client, report):
    client.force_login(StaffFactory(group="supervisor"))

    for query in ({"q": report.number}, {"q": report.owner.email}, {"service": "violation-report"}, {}):
        assert listed(client, **query) == [report]


@pytest.mark.parametrize("rows", [1, 10])
@pytest.mark.parametrize("page", ["servicerequest", "violationreport"])
def test_the_queue_costs_the_same_for_one_and_for_ten(client, django_assert_num_queries, rows, page):
    owner = ConsumerFactory().user
    for number in range(rows):
        submitted(SERVICE, owner=owner, pole_number=str(number), is_dangerous="on")
    client.force_login(StaffFactory(group="inspector"))

    # session, user, two of permissions, count, rows; of requests also colleagues and what is urgent
    with django_assert_num_queries(7 if page == "servicerequest" else 6):
        response = client.get(reverse(f"admin:requests_app_{page}_changelist"))

    assert response.context["cl"].result_count == rows


# -- Addresses ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["change", "history", "delete", *(page for page in STEP_PAGES if page != "reporter")])
def test_no_address_of_it_opens_for_operators(client, operator, report, page):
    assert client.get(at(report, page)).status_code == 404
    assert client.post(at(report, page), {"body": "Текст", "comment": "Текст"}).status_code == 404
    assert not report.messages.exists()


def test_the_page_of_the_reporter_is_closed_to_operators(client, operator):
    anonymous = submitted(SERVICE, reporter="anonymous")

    for answer in (client.get(at(anonymous, "reporter")), client.post(at(anonymous, "reporter"), {"reason": "Просто"})):
        assert answer.status_code == 403
    assert not ReporterReveal.objects.exists()


@pytest.mark.parametrize("page", ["change", "history", *(page for page in STEP_PAGES if page != "reporter")])
def test_inspectors_open_no_other_request(client, page):
    client.force_login(StaffFactory(group="inspector"))
    other = ServiceRequestFactory()

    assert client.get(at(other, page)).status_code == 404
    if page in STEP_PAGES:
        assert client.post(at(other, page), {"body": "Текст"}).status_code == 404
    assert client.get(at(submitted(SERVICE), page)).status_code == 200


def test_its_files_do_not_open_for_operators(client, operator, report):
    attachment = report.attachments.get()

    assert client.get(attachment.get_absolute_url()).status_code == 404
    assert attachment not in Attachment.objects.visible_to(operator)
    assert not FileAccess.objects.exists()


def test_its_files_open_for_inspectors_and_others_do_not(client, report):
    client.force_login(StaffFactory(group="inspector"))
    other = submitted(inquiry.SERVICE, files=[upload()]).attachments.get()

    response = client.get(report.attachments.get().get_absolute_url())
    list(response)

    assert response.status_code == 200
    assert client.get(other.get_absolute_url()).status_code == 404


def test_messages_are_read_by_those_who_know_of_the_request(operator, report):
    inspector = StaffFactory(group="inspector")
    actions.write_note(report, form=said("Выехали.", by=inspector), by=inspector)
    other = ServiceRequestFactory()
    actions.write_note(other, form=said("Позвонить.", by=operator), by=operator)

    assert [message.body for message in Message.objects.visible_to(inspector)] == ["Выехали."]
    assert [message.body for message in Message.objects.visible_to(operator)] == ["Позвонить."]


def test_another_request_does_not_lead_to_it(client, operator, report):
    """A complaint may name an open report as the earlier request; the link is for those who may follow it."""
    complaint = submitted(services.get("complaint"), owner=report.owner, repeats=report.pk)

    html = client.get(at(complaint, "change")).content.decode()

    assert at(report, "change") not in html


def test_the_report_does_not_lead_inspectors_to_another_request(client, report):
    complaint = submitted(services.get("complaint"), owner=report.owner, repeats=report.pk)
    client.force_login(StaffFactory(group="inspector"))

    html = client.get(at(report, "change")).content.decode()

    assert complaint.number not in html


# -- Actions --------------------------------------------------------------------------------------------------------


def test_operators_do_nothing_with_it_past_the_pages_either(operator, report):
    with pytest.raises(actions.TransitionNotAllowed):
        actions.transition(report, "take", by=operator)
    with pytest.raises(actions.TransitionNotAllowed):
        actions.assign(report, to=operator, by=operator)
    with pytest.raises(PermissionDenied):
        actions.write_note(report, form=said("Заметка.", by=operator), by=operator)
    with pytest.raises(PermissionDenied):
        actions.post_message(report, form=said("Письмо.", by=operator), by=operator)
    with pytest.raises(PermissionDenied):
        actions.set_codes(report, category=Category.APPEAL_OTHER, measures_done="", measures_planned="", by=operator)
    assert actions.available_transitions(report, by=operator) == []


def test_it_is_not_given_to_who_may_not_know_of_it(client, operator, report):
    supervisor, inspector = StaffFactory(group="supervisor"), StaffFactory(group="inspector")
    client.force_login(supervisor)

    form = client.get(at(report, "assign")).context["form"]
    client.post(at(report, "assign"), {"assignee": operator.pk})

    assert set(form.fields["assignee"].queryset) == {supervisor, inspector}
    report.refresh_from_db()
    assert report.assignee is None
    with pytest.raises(actions.TransitionNotAllowed):
        actions.assign(report, to=operator, by=supervisor)


def test_inspectors_are_not_given_other_requests():
    supervisor, inspector = StaffFactory(group="supervisor"), StaffFactory(group="inspector")

    assert inspector not in colleagues.processing_staff(inquiry.SERVICE)
    with pytest.raises(actions.TransitionNotAllowed):
        actions.assign(ServiceRequestFactory(), to=inspector, by=supervisor)


# -- Letters and the log --------------------------------------------------------------------------------------------


def test_who_may_not_know_of_it_any_more_gets_no_letters(report):
    inspector = StaffFactory(group="inspector")
    actions.transition(report, "take", by=inspector, form=step_form("take", by=inspector, comment="", life=REPORT))
    inspector.groups.clear()
    report.refresh_from_db()
    Email.objects.all().delete()

    actions.post_message(report, form=said("Там ещё провод.", by=report.owner), by=report.owner)

    assert not Email.objects.exists()


def test_the_assignee_hears_that_the_reporter_wrote(report):
    inspector = StaffFactory(group="inspector")
    actions.transition(report, "take", by=inspector, form=step_form("take", by=inspector, comment="", life=REPORT))
    report.refresh_from_db()
    Email.objects.all().delete()

    actions.post_message(report, form=said("Там ещё провод.", by=report.owner), by=report.owner)

    assert Email.objects.get().to == [inspector.email]


def test_danger_is_told_at_once_to_those_on_duty_alone():
    on_duty = [StaffFactory(group="inspector"), StaffFactory(group="supervisor")]
    StaffFactory(group="inspector", is_active=False)
    StaffFactory(group="operator")
    StaffFactory(group="dpo")
    StaffFactory(is_superuser=True)

    report = submitted(SERVICE, is_dangerous="on")

    letters = Email.objects.filter(subject=f"Заявка № {report.number}: сообщили об опасности")
    assert sorted(letter.to[0] for letter in letters) == sorted(user.email for user in on_duty)
    for letter in letters:
        text = str(letter.context)
        assert SERVICE.example["place"] not in text
        assert report.applicant_name not in text


def test_no_danger_no_letter():
    StaffFactory(group="inspector")

    report = submitted(SERVICE)

    assert [letter.to for letter in Email.objects.all()] == [[report.owner.email]]


def test_danger_stands_above_every_list_until_somebody_takes_it(client):
    inspector = StaffFactory(group="inspector")
    client.force_login(inspector)
    report = submitted(SERVICE, is_dangerous="on")
    before = client.get(LIST, {"q": "ничего"})

    actions.transition(report, "take", by=inspector, form=step_form("take", by=inspector, comment="", life=REPORT))
    after = client.get(LIST)

    assert list(before.context["urgent"]) == [report]
    assert "никто не&nbsp;взял" in before.content.decode()
    assert list(after.context["urgent"]) == []
    assert '<strong class="urgent">опасно</strong>' in after.content.decode()
    assert "опасно прямо сейчас" in client.get(at(report, "change")).content.decode()


def test_operators_are_not_told_of_danger_in_a_report(client, operator):
    report = submitted(SERVICE, is_dangerous="on")

    html = client.get(LIST).content.decode()

    assert report.number not in html
    assert "никто не&nbsp;взял" not in html


def test_the_log_of_downloads_leaves_out_what_one_may_not_know_of(client, report):
    inspector = StaffFactory(group="inspector")
    FileAccess.objects.create(attachment=report.attachments.get(), by=inspector)
    other = submitted(inquiry.SERVICE, files=[upload()])
    FileAccess.objects.create(attachment=other.attachments.get(), by=StaffFactory())
    auditor = StaffFactory()
    auditor.user_permissions.add(Permission.objects.get(codename="view_fileaccess"))

    assert [access.attachment for access in FileAccess.objects.visible_to(auditor)] == [other.attachments.get()]
    client.force_login(auditor)
    html = client.get(reverse("admin:requests_app_fileaccess_changelist")).content.decode()
    assert report.number not in html
    assert other.number in html


def test_it_stays_closed_in_every_state(client, operator):
    for status in (Status.IN_PROGRESS, Status.CLOSED):
        report = submitted(SERVICE, pole_number=status)
        inspector = StaffFactory(group="inspector")
        actions.transition(report, "take", by=inspector, form=step_form("take", by=inspector, comment="", life=REPORT))
        if status == Status.CLOSED:
            actions.transition(report, "confirm", by=inspector, form=step_form("confirm", by=inspector, life=REPORT))

        assert listed(client, status=status) == []
        assert client.get(at(report, "change")).status_code == 404
