"""Who gets a request: by hand, by rule, while somebody is away; and what each has to do."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from post_office.models import Email

from accounts.models import User
from requests_app import actions
from requests_app.lifecycle import FINAL_STATUSES, OPEN_STATUSES, Status
from requests_app.models import Absence, AssignmentChange, AssignmentRule, Cause, ServiceRequest
from requests_app.reminders import write_due
from requests_app.services import complaint, consultation, inquiry, survey, violation_report
from requests_app.services.base import CannotBeSent
from requests_app.workload import workload
from tests.factories import ConsumerFactory, ServiceRequestFactory, StaffFactory, filled, step_form, submitted

pytestmark = pytest.mark.django_db

TODAY, WEEK = date(2026, 11, 24), date(2026, 12, 1)
RULES = reverse("admin:requests_app_assignmentrule_changelist")
ENTER = reverse("admin:requests_app_absence_enter")


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel("2026-11-24T09:00:00Z", tick=False):
        yield


@pytest.fixture
def supervisor():
    return StaffFactory(group="supervisor", name="Андрей Викторович, руководитель")


def operators(amount):
    return [StaffFactory(group="operator", name=f"Оператор {number}") for number in range(1, amount + 1)]


def rule(*people, service="inquiry", topic="", **values):
    made = AssignmentRule.objects.create(service=service, topic=topic, **values)
    made.people.set(people)
    return made


def away(who, from_day=TODAY, until=WEEK, **values):
    return Absence.objects.create(who=who, from_day=from_day, until=until, entered_by=who, **values)


def given_to(colleague, **values):
    return ServiceRequestFactory(
        **{"status": Status.IN_PROGRESS, "assignee": colleague, "assigned_at": timezone.now()} | values
    )


def enter(who, *, by, from_day=TODAY, until=WEEK, stand_ins=()):
    return actions.enter_absence(who=who, from_day=from_day, until=until, stand_ins=list(stand_ins), by=by)


def html_of(response):
    return response.content.decode().replace("\N{NO-BREAK SPACE}", " ").replace("&nbsp;", " ")


def desk(service_request):
    return reverse("admin:requests_app_servicerequest_change", args=[service_request.pk])


# -- By rule --------------------------------------------------------------------------------------------------------

ANY, METERING, OTHER_TOPIC, OTHER_SERVICE = {}, {"topic": "metering"}, {"topic": "contacts"}, {"service": "complaint"}

# What the rules are, in their order: (of what, number of the person, is active) → whom an inquiry on metering goes to.
CASES = {
    "no rules": ([], None),
    "of the service": ([(ANY, 0, True)], 0),
    "of the topic": ([(METERING, 0, True)], 0),
    "of another topic": ([(OTHER_TOPIC, 0, True)], None),
    "of another service": ([(OTHER_SERVICE, 0, True)], None),
    "the first that fits": ([(OTHER_TOPIC, 0, True), (METERING, 1, True), (ANY, 2, True)], 1),
    "order before exactness": ([(ANY, 2, True), (METERING, 1, True)], 2),
    "one that is off": ([(METERING, 1, False), (ANY, 0, True)], 0),
    "somebody who is away": ([(METERING, "away", True), (ANY, 0, True)], 0),
    "somebody who comes back": ([(METERING, "back", True)], "back"),
    "somebody who goes tomorrow": ([(METERING, "leaving", True)], "leaving"),
    "somebody inactive": ([(METERING, "inactive", True), (ANY, 0, True)], 0),
    "somebody of another group": ([(METERING, "editor", True), (ANY, 0, True)], 0),
    "somebody of no staff": ([(METERING, "left", True)], None),
    "nobody on duty": ([(METERING, "away", True), (ANY, "inactive", True)], None),
}


@pytest.fixture
def people():
    found = dict(enumerate(operators(3)))
    others = ("away", "back", "leaving", "inactive", "left")
    found |= {name: StaffFactory(group="operator") for name in others} | {"editor": StaffFactory(group="editor")}
    away(found["away"], TODAY, TODAY)
    away(found["back"], TODAY - timedelta(days=3), TODAY - timedelta(days=1))
    away(found["back"], ended_at=timezone.now())
    away(found["leaving"], TODAY + timedelta(days=1))
    for name, field in (("inactive", "is_active"), ("left", "is_staff")):
        setattr(found[name], field, False)
        found[name].save()
    return found


@pytest.mark.parametrize("case", CASES)
def test_the_first_rule_that_fits_and_has_somebody(people, case):
    rules, expected = CASES[case]
    for order, (of, who, is_active) in enumerate(rules):
        rule(people[who], order=order, is_active=is_active, **of)

    service_request = submitted(inquiry.SERVICE, topic="metering")

    assert service_request.assignee == (None if expected is None else people[expected])
    assert (service_request.assigned_at is None) == (expected is None)
    assert AssignmentChange.objects.count() == (expected is not None)


@pytest.mark.parametrize(
    ("service", "topic"),
    [(consultation.SERVICE, "metering"), (complaint.SERVICE, "energy"), (violation_report.SERVICE, "contract")],
)
def test_the_topic_is_what_the_form_of_the_service_asks(supervisor, service, topic):
    rule(supervisor, service=service.slug, topic=topic)
    field = service.form_class.subject_field

    assert submitted(service, **{field: topic}).assignee == supervisor
    assert submitted(service, **{field: "other" if topic != "contract" else "meter"}).assignee is None


def test_who_may_not_know_of_such_requests_gets_none():
    [operator] = operators(1)
    rule(operator, service="violation-report")

    assert submitted(violation_report.SERVICE).assignee is None


def test_who_has_the_fewest_open_requests():
    busy, done, free = operators(3)
    given_to(busy)
    given_to(done, status=Status.CLOSED)
    rule(busy, done, free)

    got = [submitted(inquiry.SERVICE).assignee for _ in range(4)]

    assert sorted(one.pk for one in got[:2]) == [done.pk, free.pk]
    assert len({one.pk for one in got}) == 3  # by then all have one


def test_in_turn():
    first, second, third = operators(3)
    for _ in range(5):
        given_to(first)
    rule(first, second, third, choice="turn")

    got = [submitted(inquiry.SERVICE).assignee for _ in range(4)]

    assert got == [first, second, third, first]


def test_the_turn_passes_over_who_is_away():
    first, second = operators(2)
    rule(first, second, choice="turn")
    submitted(inquiry.SERVICE)
    away(second)

    assert submitted(inquiry.SERVICE).assignee == first


def test_the_history_says_so_to_staff_alone(client):
    [operator] = operators(1)
    rule(operator)
    service_request = submitted(inquiry.SERVICE)
    client.force_login(operator)
    assert "Назначено по правилу: Оператор 1" in html_of(client.get(desk(service_request)))

    owner = service_request.owner
    client.force_login(owner)
    assert "Оператор 1" not in html_of(client.get(service_request.get_absolute_url(), follow=True))


def test_what_is_done_at_once_is_given_to_nobody(supervisor):
    rule(supervisor, service="survey")

    assert submitted(survey.SERVICE).assignee is None


@pytest.mark.django_db(transaction=True)
def test_two_requests_at_once_go_in_turn():
    people = operators(2)
    rule(*people, choice="turn")
    owners = [ConsumerFactory().user for _ in range(4)]
    forms = [filled(inquiry.SERVICE, owner=owner) for owner in owners]
    assert all(form.is_valid() for form in forms)

    def send(form):
        try:
            return actions.submit(service=inquiry.SERVICE, form=form, by=form.owner).assignee_id
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        got = list(pool.map(send, forms))

    assert sorted(got) == sorted([people[0].pk, people[1].pk] * 2)


# -- By hand --------------------------------------------------------------------------------------------------------


def test_by_hand_leaves_a_line(client, supervisor):
    [operator] = operators(1)
    service_request = ServiceRequestFactory()

    for _ in range(2):
        actions.assign(service_request, to=operator, by=supervisor)
    actions.assign(service_request, to=None, by=supervisor)

    assert [change.event for change in service_request.assignment_changes.all()] == [
        "Исполнитель: Оператор 1",
        "Исполнитель снят",
    ]
    client.force_login(supervisor)
    assert "Исполнитель снят, Андрей Викторович" in html_of(client.get(desk(service_request)))
    with pytest.raises(ValidationError):
        service_request.assignment_changes.first().save()


@pytest.mark.django_db(transaction=True)
def test_two_colleagues_assign_at_once():
    by, *people = [StaffFactory(group="supervisor"), *operators(4)]
    service_request = ServiceRequestFactory()

    def give(to):
        try:
            actions.assign(ServiceRequest.objects.get(pk=service_request.pk), to=to, by=by)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(give, people))

    service_request.refresh_from_db()
    changes = list(service_request.assignment_changes.all())
    assert len(changes) == 4
    assert changes[-1].to_id == service_request.assignee_id
    assert [change.was_id for change in changes] == [None, *(change.to_id for change in changes[:-1])]


# -- While somebody is away -----------------------------------------------------------------------------------------


def test_the_work_is_handed_over_at_once_when_it_begins_today(supervisor):
    gone, first, second = operators(3)
    mine = [given_to(gone, status=status) for status in (*OPEN_STATUSES, *OPEN_STATUSES[:1])]
    finished = [given_to(gone, status=status) for status in (Status.ANSWERED, *FINAL_STATUSES)]

    absence = enter(gone, by=supervisor, stand_ins=[first, second])

    assert absence.handed_over_at
    assert (
        sorted(ServiceRequest.objects.get(pk=one.pk).assignee.name for one in mine)
        == ["Оператор 2"] * 2 + ["Оператор 3"] * 2
    )
    assert all(ServiceRequest.objects.get(pk=one.pk).assignee == gone for one in finished)
    change = mine[0].assignment_changes.get()
    assert change.event.replace("\N{NO-BREAK SPACE}", " ").endswith("Причина: отсутствует Оператор 1")
    assert (change.by, change.cause, change.absence) == (supervisor, Cause.ABSENCE, absence)
    assert sorted((letter.to[0], letter.subject) for letter in Email.objects.all()) == sorted(
        (one.email, "Вам переданы заявки: 2") for one in (first, second)
    )


def test_what_a_stand_in_may_not_see_goes_by_the_rules_or_to_nobody(supervisor):
    gone, checker = StaffFactory(group="supervisor"), StaffFactory(group="supervisor")
    [operator] = operators(1)
    for kind in ("contract", "meter"):
        ServiceRequest.objects.filter(pk=submitted(violation_report.SERVICE, kind=kind).pk).update(
            assignee=gone, assigned_at=timezone.now()
        )
    rule(gone, checker, service="violation-report", topic="contract")

    enter(gone, by=supervisor, stand_ins=[operator])

    by_kind = {one.detail.kind: one.assignee for one in ServiceRequest.objects.all()}
    assert by_kind == {"contract": checker, "meter": None}
    assert [letter.to for letter in Email.objects.filter(subject__startswith="Вам")] == [[checker.email]]


def test_what_is_disputed_meanwhile_goes_to_a_stand_in_who_hears_of_it(supervisor):
    gone, stand_in = operators(2)
    disputed = given_to(gone, status=Status.ANSWERED)
    absence = enter(gone, by=supervisor, stand_ins=[stand_in])
    Email.objects.all().delete()
    owner = disputed.owner

    actions.transition(disputed, "dispute", by=owner, form=step_form("dispute", by=owner))

    disputed.refresh_from_db()
    assert (disputed.status, disputed.assignee) == (Status.IN_PROGRESS, stand_in)
    assert disputed.assignment_changes.get().absence == absence
    assert {letter.to[0] for letter in Email.objects.all()} == {owner.email, stand_in.email}


def test_what_is_disputed_comes_back_to_who_is_there(supervisor):
    [operator] = operators(1)
    disputed = given_to(operator, status=Status.ANSWERED)
    away(operator, from_day=TODAY + timedelta(days=1))
    owner = disputed.owner

    actions.transition(disputed, "dispute", by=owner, form=step_form("dispute", by=owner))

    disputed.refresh_from_db()
    assert disputed.assignee == operator


def leave(colleague):
    User.objects.filter(pk=colleague.pk).update(is_active=False)


def lose_the_desk(colleague):
    User.objects.filter(pk=colleague.pk).update(is_staff=False)


def lose_the_permission(colleague):
    colleague.groups.clear()


@pytest.mark.parametrize("go", [leave, lose_the_desk, lose_the_permission])
def test_what_is_disputed_with_who_has_left_goes_where_a_new_one_would(go):
    gone, successor = operators(2)
    disputed = given_to(gone, status=Status.ANSWERED)
    by_rule, owner = rule(gone, successor), disputed.owner
    go(gone)

    actions.transition(disputed, "dispute", by=owner, form=step_form("dispute", by=owner))

    disputed.refresh_from_db()
    change = disputed.assignment_changes.get()
    assert (disputed.assignee, change.rule) == (successor, by_rule)
    assert (
        change.event.replace("\N{NO-BREAK SPACE}", " ")
        == "Передано: Оператор 2. Причина: Оператор 1 больше не обрабатывает такие заявки"
    )
    assert {letter.to[0] for letter in Email.objects.all()} == {owner.email, successor.email}


def test_without_a_rule_it_is_nobodys():
    [gone] = operators(1)
    disputed = given_to(gone, status=Status.ANSWERED)
    leave(gone)
    owner = disputed.owner

    actions.transition(disputed, "dispute", by=owner, form=step_form("dispute", by=owner))

    disputed.refresh_from_db()
    assert (disputed.assignee, disputed.assigned_at) == (None, None)
    assert (
        disputed.assignment_changes.get().event.replace("\N{NO-BREAK SPACE}", " ")
        == "Осталась без исполнителя. Причина: Оператор 1 больше не обрабатывает такие заявки"
    )


def test_a_stand_in_who_is_away_too_gets_nothing(supervisor):
    gone, also_gone, there = operators(3)
    away(also_gone)
    service_request = given_to(gone)

    enter(gone, by=supervisor, stand_ins=[also_gone, there])

    service_request.refresh_from_db()
    assert service_request.assignee == there


def test_later_it_is_handed_over_in_the_morning_of_the_first_day_and_once(supervisor):
    gone, stand_in = operators(2)
    service_request = given_to(gone)
    enter(gone, by=supervisor, from_day=date(2026, 11, 26), stand_ins=[stand_in])
    seen = []

    for moment in (datetime(2026, 11, 25, 20, 59, tzinfo=UTC), datetime(2026, 11, 25, 21, 1, tzinfo=UTC)):
        with time_machine.travel(moment, tick=False):
            write_due(now=moment)
            write_due(now=moment)
        service_request.refresh_from_db()
        seen.append(service_request.assignee)

    assert seen == [gone, stand_in]  # at midnight of Moscow
    assert service_request.assignment_changes.count() == 1
    assert Email.objects.filter(subject="Вам переданы заявки: 1").count() == 1


def test_one_that_was_called_off_hands_nothing_over(supervisor):
    gone, stand_in = operators(2)
    given_to(gone)
    absence = enter(gone, by=supervisor, from_day=date(2026, 11, 26), stand_ins=[stand_in])

    actions.end_absence(absence, by=gone)

    moment = datetime(2026, 11, 26, 9, tzinfo=UTC)
    with time_machine.travel(moment, tick=False):
        assert not actions.begin_absence(absence.pk)
        write_due(now=moment)
    assert ServiceRequest.objects.get().assignee == gone


def test_nothing_comes_back_by_itself_but_may_be_given_back(client, supervisor):
    gone, stand_in, other = operators(3)
    kept, answered, moved, left = (given_to(gone) for _ in range(4))
    absence = enter(gone, by=supervisor, stand_ins=[stand_in])
    ServiceRequest.objects.filter(pk=answered.pk).update(
        status=Status.ANSWERED, answered_at=timezone.now(), outcome="in_time"
    )
    actions.assign(moved, to=other, by=supervisor)
    actions.assign(left, to=None, by=supervisor)
    page = reverse("admin:requests_app_absence_change", args=[absence.pk])

    with time_machine.travel("2026-12-02T09:00:00Z", tick=False):
        client.force_login(gone)
        write_due(now=timezone.now())
        assert ServiceRequest.objects.get(pk=kept.pk).assignee == stand_in
        assert "Вернуть 1 заявку" in html_of(client.get(page))
        for _ in range(2):
            client.post(reverse("admin:requests_app_absence_return", args=[absence.pk]))
        assert "Вернуть" not in html_of(client.get(page)).replace("Вернуться", "")

    got = {one.pk: one.assignee for one in ServiceRequest.objects.all()}
    assert got == {kept.pk: gone, answered.pk: stand_in, moved.pk: other, left.pk: None}
    assert kept.assignment_changes.last().cause == Cause.RETURN


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"until": TODAY - timedelta(days=1)}, "until"),
        ({"from_day": TODAY - timedelta(days=9), "until": TODAY - timedelta(days=1)}, "until"),
        ({"from_day": WEEK}, "from_day"),
    ],
)
def test_days_that_cannot_be(supervisor, values, field):
    [gone] = operators(1)
    away(gone, WEEK, WEEK + timedelta(days=5))

    with pytest.raises(CannotBeSent) as refusal:
        enter(gone, by=supervisor, **{"until": WEEK + timedelta(days=1), **values})

    assert refusal.value.field == field


def test_nobody_stands_in_for_themselves_and_the_same_entry_is_one(supervisor):
    [gone] = operators(1)
    with pytest.raises(CannotBeSent):
        enter(gone, by=supervisor, stand_ins=[gone])

    assert enter(gone, by=supervisor) == enter(gone, by=supervisor)


def test_a_colleague_enters_the_own_absence_alone(client):
    one, other = operators(2)
    enter(one, by=one)
    with pytest.raises(PermissionDenied):
        enter(other, by=one)
    foreign = away(other)
    client.force_login(one)

    refused = client.post(ENTER, {"who": other.pk, "from_day": "2027-01-11", "until": "2027-01-12"})

    assert "who" in refused.context["form"].errors
    assert "Оператор 2" not in html_of(client.get(reverse("admin:requests_app_absence_changelist")))
    for name in ("change", "end", "return"):
        address = reverse(f"admin:requests_app_absence_{name}", args=[foreign.pk])
        assert (client.get if name == "change" else client.post)(address).status_code == 404
    with pytest.raises(PermissionDenied):
        actions.end_absence(foreign, by=one)
    with pytest.raises(PermissionDenied):
        actions.give_back(foreign, by=one)


def test_an_absence_is_entered_on_its_page(client, supervisor):
    gone, stand_in = operators(2)
    given_to(gone)
    client.force_login(supervisor)

    response = client.post(
        ENTER,
        {"who": gone.pk, "from_day": "2026-11-24", "until": "2026-12-04", "stand_ins": [stand_in.pk]},
        follow=True,
    )

    assert "Передано: 1 заявка." in html_of(response)
    client.post(reverse("admin:requests_app_absence_end", args=[Absence.objects.get().pk]))
    assert Absence.objects.get().ended_at
    assert ServiceRequest.objects.get().assignee == stand_in


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"until": "2026-11-23"}, "until"),
        ({"until": ""}, "until"),
        ({"from_day": "завтра"}, "from_day"),
        ({"who": "0"}, "who"),
        ({"who": "\0"}, "who"),
        ({"stand_ins": ["x"]}, "stand_ins"),
        ({"stand_ins": ["99999999999999999999"]}, "stand_ins"),
    ],
)
def test_a_bad_entry_is_said_by_its_field(client, supervisor, values, field):
    [gone] = operators(1)
    client.force_login(supervisor)

    response = client.post(ENTER, {"who": gone.pk, "from_day": "2026-11-24", "until": "2026-12-04", **values})

    assert field in response.context["form"].errors
    assert not Absence.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_servers_begin_an_absence_at_once():
    gone, stand_in = operators(2)
    service_request = given_to(gone)
    absence = away(gone)
    absence.stand_ins.set([stand_in])

    def begin(_):
        try:
            return actions.begin_absence(absence.pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        begun = list(pool.map(begin, range(4)))

    assert sorted(begun) == [False, False, False, True]
    assert service_request.assignment_changes.count() == 1


# -- The rules' own page --------------------------------------------------------------------------------------------


def posted(**values):
    return {"what": "inquiry:metering", "choice": "least", "order": "10", "is_active": "on", **values}


def test_a_rule_is_made_and_changed(client, supervisor):
    [operator] = operators(1)
    client.force_login(supervisor)

    client.post(reverse("admin:requests_app_assignmentrule_add"), posted(people=[operator.pk]))

    made = AssignmentRule.objects.get()
    assert (made.service, made.topic, list(made.people.all())) == ("inquiry", "metering", [operator])
    listing = html_of(client.get(RULES))
    assert "Учёт электроэнергии" in listing
    assert "Оператор 1" in listing
    change = reverse("admin:requests_app_assignmentrule_change", args=[made.pk])
    assert client.get(change).context["adminform"].form["what"].value() == "inquiry:metering"
    client.post(change, posted(what="complaint:", people=[operator.pk, supervisor.pk], choice="turn"))
    made.refresh_from_db()
    assert (made.service, made.topic, made.people.count(), made.choice) == ("complaint", "", 2, "turn")


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"what": "inquiry:energy"}, "what"),
        ({"what": ""}, "what"),
        ({"people": []}, "people"),
        ({"people": ["0"]}, "people"),
        ({"people": ["999999"]}, "people"),  # an administrator is not on duty, so the rule would choose nobody
        ({"what": "violation-report:"}, "people"),  # an operator may not know of them
        ({"order": "-1"}, "order"),
        ({"order": "10"}, "order"),  # there is one
        ({"choice": "luck"}, "choice"),
    ],
)
def test_a_rule_that_cannot_be(client, supervisor, values, field):
    [operator] = operators(1)
    StaffFactory(pk=999_999, is_superuser=True)
    rule(operator, topic="metering", order=10)
    client.force_login(supervisor)

    response = client.post(
        reverse("admin:requests_app_assignmentrule_add"), posted(**{"people": [operator.pk], "order": "11", **values})
    )

    assert field in response.context["adminform"].form.errors
    assert AssignmentRule.objects.count() == 1


@pytest.mark.parametrize("amount", [1, 10])
def test_cost_of_the_lists_does_not_grow(client, supervisor, amount, django_assert_num_queries):
    for number in range(amount):
        [operator] = operators(1)
        rule(operator, order=number)
        away(operator)
    client.force_login(supervisor)

    with django_assert_num_queries(7):  # session, user, two of permissions, count, rows, people
        client.get(RULES)
    with django_assert_num_queries(7):
        client.get(reverse("admin:requests_app_absence_changelist"))


# -- Workload -------------------------------------------------------------------------------------------------------


def test_workload_counts(client, supervisor):
    busy, free = operators(2)
    away(free, until=date(2026, 11, 27))
    for due in (TODAY - timedelta(days=1), TODAY, TODAY + timedelta(days=7), TODAY + timedelta(days=8)):
        given_to(busy, due_on=due)
    given_to(busy, due_on=TODAY, status=Status.AWAITING_CONSUMER)
    for days in (0, 6, 7, 29, 30):
        given_to(busy, status=Status.ANSWERED, answered_at=timezone.now() - timedelta(days=days))

    lines = {line.colleague: line for line in workload(supervisor)}

    line = lines[busy]
    assert (line.open, line.soon, line.late, line.answered_week, line.answered_month) == (5, 3, 1, 2, 4)
    assert (lines[free].open, lines[free].absent_until) == (0, date(2026, 11, 27))
    client.force_login(supervisor)
    html = html_of(client.get(reverse("admin:requests_app_assignmentrule_workload")))
    assert "нет до 27 ноября включительно" in html
    requests = reverse("admin:requests_app_servicerequest_changelist")
    for asked, amount in {"status=open": 5, "due=week": 3, "figure=recent-7": 2, "figure=recent-30": 4}.items():
        query = f"{asked}&assignee={busy.pk}"
        assert f"{requests}?{query}".replace("&", "&amp;") in html
        assert client.get(f"{requests}?{query}").context["cl"].result_count == amount


def test_the_own_line_leads_to_the_own_list(client, supervisor):
    given_to(supervisor)
    given_to(operators(1)[0])
    client.force_login(supervisor)
    html = html_of(client.get(reverse("admin:requests_app_assignmentrule_workload")))

    query = {"status": "open", "assignee": "me"}
    assert "?status=open&amp;assignee=me" in html
    listing = client.get(reverse("admin:requests_app_servicerequest_changelist"), query)
    assert listing.context["cl"].result_count == 1


def test_the_workload_has_one_word(client, supervisor):
    given_to(supervisor)
    client.force_login(supervisor)
    page = reverse("admin:requests_app_assignmentrule_workload")

    assert '<h2 id="block-workload">Нагрузка</h2>' in html_of(client.get(reverse("admin:index")))
    assert f'<a href="{page}">Нагрузка сотрудников</a>' in html_of(client.get(RULES))
    assert "<h1>Нагрузка сотрудников</h1>" in html_of(client.get(page))
    assert Permission.objects.get(codename="view_workload").name == "Может видеть нагрузку сотрудников"


def test_workload_counts_what_its_reader_may_see():
    supervisor, operator = StaffFactory(group="supervisor"), StaffFactory(group="operator")
    ServiceRequest.objects.filter(pk=submitted(violation_report.SERVICE).pk).update(
        assignee=supervisor, assigned_at=timezone.now()
    )

    assert [line.open for line in workload(supervisor) if line.colleague == supervisor] == [1]
    assert [line.open for line in workload(operator) if line.colleague == supervisor] == [0]


@pytest.mark.parametrize("amount", [1, 10])
def test_cost_of_the_workload_does_not_grow(supervisor, amount, django_assert_num_queries):
    for operator in operators(amount):
        given_to(operator)
        away(operator)
    supervisor.has_perm("requests_app.view_workload")  # read once for the session's request

    with django_assert_num_queries(2):
        workload(supervisor)
