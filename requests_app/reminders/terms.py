"""
Staff are reminded of terms on the mornings of working days: the assignee of each request three working days ahead, on
the last one ahead, and when it is late; supervisors of all together, in figures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.models import User
from requests_app import notifications, quality, services
from requests_app.colleagues import processing_staff, supervising_staff
from requests_app.dates import day_in_words
from requests_app.deadlines import WorkingDayCheck, add_working_days
from requests_app.models import CalendarDay, ServiceRequest, TermDigest, TermReminder
from requests_app.models.request_queryset import ServiceRequestQuerySet
from requests_app.reminders.base import Reminder
from requests_app.terms import next_working_day

MORNING, EVENING = time(9), time(18)  # letters are written between these, Moscow time
AHEAD = 3  # working days

_Due = Callable[[date, WorkingDayCheck], Q]


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One reminder of a term: of which days it is, and how the letter tells it."""

    name: str
    days: _Due  # of today and the calendar
    news: str

    def due(self, now: datetime) -> Iterable[int]:
        today, is_working = timezone.localdate(now), CalendarDay.objects.working_day_check()
        if not _is_morning(now, is_working):
            return []
        marks = TermReminder.objects.filter(service_request=OuterRef("pk"), kind=self.name, due_on=OuterRef("due_on"))
        found = _running().filter(~Exists(marks), self.days(today, is_working), assignee__is_active=True)
        return found.order_by("due_on", "pk").values_list("pk", flat=True)

    def write(self, pk: int, now: datetime) -> bool:
        """To the assignee as it is by now; nobody is written to who may not handle such requests any more."""
        today, is_working = timezone.localdate(now), CalendarDay.objects.working_day_check()
        with transaction.atomic():
            held = _running().locked().filter(self.days(today, is_working), pk=pk)
            service_request = held.select_related("assignee").first()
            if service_request is None or not _is_on_duty(service_request):
                return False
            _, is_new = TermReminder.objects.get_or_create(
                service_request=service_request,
                kind=self.name,
                due_on=service_request.due_on,
                defaults={"written_at": now},
            )
            if is_new:
                day = day_in_words(service_request.due_on, today=today)
                notifications.term_comes(service_request, news=self.news.format(day=day))
        return is_new


def _soon(today: date, is_working: WorkingDayCheck) -> Q:
    first, last = (add_working_days(today, days, is_working) for days in (1, AHEAD))
    return Q(due_on__gt=first, due_on__lte=last)


def _tomorrow(today: date, is_working: WorkingDayCheck) -> Q:
    return Q(due_on__gte=today, due_on__lte=add_working_days(today, 1, is_working))


def _late(today: date, is_working: WorkingDayCheck) -> Q:
    return Q(due_on__lt=today)


def _running() -> ServiceRequestQuerySet:
    return ServiceRequest.objects.open().filter(service__in=services.with_term())


def _is_on_duty(service_request: ServiceRequest) -> bool:
    return service_request.assignee in processing_staff(service_request.kind)


def _is_morning(now: datetime, is_working: WorkingDayCheck) -> bool:
    local = timezone.localtime(now)
    return MORNING <= local.time() < EVENING and is_working(local.date())


# -- The digest -----------------------------------------------------------------------------------------------------


def digest_due(now: datetime) -> Iterable[int]:
    if not _is_morning(now, CalendarDay.objects.working_day_check()):
        return []
    had = TermDigest.objects.filter(user=OuterRef("pk"), day=timezone.localdate(now))
    return supervising_staff().filter(~Exists(had)).values_list("pk", flat=True)


def write_digest(pk: int, now: datetime) -> bool:
    """Figures of what this supervisor may see. A day with nothing to tell is marked too: later it is no morning."""
    today = timezone.localdate(now)
    with transaction.atomic():
        user = User.objects.get(pk=pk)
        _, is_new = TermDigest.objects.get_or_create(user=user, day=today, defaults={"written_at": now})
        since = _previous_digest(user, now)
        requests = _running().visible_to(user)
        counts = {
            "late": requests.overdue(on=today).count(),
            "tomorrow": requests.due_by(next_working_day(today), on=today).count(),
            "nobody": requests.filter(assignee=None).count(),
            "low": quality.new_low_grades(since=since, by=user),
        }
        is_told = is_new and any(counts.values())
        if is_told:
            notifications.terms_digest(user, counts)
    return is_told


def _previous_digest(user: User, now: datetime) -> datetime:
    """Since when this supervisor has not been told of low grades: a week at the beginning."""
    earlier = TermDigest.objects.filter(user=user, day__lt=timezone.localdate(now)).order_by("-day").first()
    return earlier.written_at if earlier else now - timedelta(weeks=1)


KINDS = (
    Kind(name="soon", days=_soon, news="ответить до {day}"),
    Kind(name="tomorrow", days=_tomorrow, news="срок кончается, ответить до {day}"),
    Kind(name="late", days=_late, news="просрочена, срок был до {day}"),
)
REMINDERS = (
    *(Reminder(name=f"term-{kind.name}", due=kind.due, write=kind.write) for kind in KINDS),
    Reminder(name="term-digest", due=digest_due, write=write_digest),
)
