"""What else waits for the desk: visitors of today, readings in question, access and identifiers that several claim."""

from __future__ import annotations

from django.db.models import Count, Q
from django.urls import reverse

from accounts.models import Consumer
from requests_app.colleagues import PROCESS_REQUESTS
from requests_app.models import AccessGrant, GrantStatus, Reading, ReadingState
from requests_app.services.appointment.models import Appointment, VisitState
from requests_app.services.appointment.offices import Office
from requests_app.services.base import VIEW_REQUESTS
from requests_app.start_page.base import Block, BlockKind, Figure, Viewer

TO_DECIDE = "Ждут решения"


def visits(viewer: Viewer) -> Block | None:
    """Who comes to which office today, and of whom nobody has said whether they came. Two queries."""
    offices = list(Office.objects.all())
    today = Appointment.objects.filter(office__in=[office.pk for office in offices]).on(viewer.today).standing()
    unmarked = Q(state=VisitState.BOOKED, ends_at__lte=viewer.now)
    rows = today.values("office").annotate(count=Count("pk"), unmarked=Count("pk", unmarked)).order_by()
    counts = {row["office"]: (row["count"], row["unmarked"]) for row in rows}
    shown = [office for office in offices if office.is_open or office.pk in counts]
    figures = [_visits_at(office, *counts.get(office.pk, (0, 0)), viewer) for office in shown]
    return Block(name="visits", title="Приём сегодня", figures=figures) if figures else None


def _visits_at(office: Office, count: int, unmarked: int, viewer: Viewer) -> Figure:
    address = reverse("admin:requests_app_office_day", args=[office.pk, viewer.today.isoformat()])
    note = f"без отметки:\N{NO-BREAK SPACE}{unmarked}" if unmarked else ""
    return Figure(label=office.name, count=count, address=address, note=note)


def readings(viewer: Viewer) -> Block:
    count = Reading.objects.in_question().count()
    address = f"{reverse('admin:requests_app_reading_changelist')}?state__exact={ReadingState.IN_QUESTION}"
    figure = Figure(label="Показания под вопросом", count=count, address=address, mark="soon")
    return Block(name="readings", title=TO_DECIDE, figures=[figure])


def access(viewer: Viewer) -> Block:
    """Who asks for access to a supply point."""
    address = f"{reverse('admin:requests_app_accessgrant_changelist')}?status__exact={GrantStatus.ASKED}"
    figure = Figure(
        label="Просят доступ к\N{NO-BREAK SPACE}объекту",
        count=AccessGrant.objects.waiting().count(),
        address=address,
        mark="soon",
    )
    return Block(name="access", title=TO_DECIDE, figures=[figure])


def conflicts(viewer: Viewer) -> Block:
    """Cabinets that claim a number which another claims too: staff find out whose it is."""
    figure = Figure(
        label="Кабинеты с\N{NO-BREAK SPACE}одним номером на\N{NO-BREAK SPACE}нескольких",
        count=Consumer.objects.with_shared_identifier().count(),
        address=f"{reverse('admin:accounts_consumer_changelist')}?shared=1",
    )
    return Block(name="conflicts", title=TO_DECIDE, figures=[figure])


BLOCKS = [
    BlockKind(name="visits", permissions=[VIEW_REQUESTS, PROCESS_REQUESTS, "requests_app.view_office"], make=visits),
    BlockKind(
        name="readings", permissions=["requests_app.view_reading", "requests_app.process_reading"], make=readings
    ),
    BlockKind(
        name="access",
        permissions=["requests_app.view_accessgrant", "requests_app.decide_accessgrant"],
        make=access,
    ),
    BlockKind(name="conflicts", permissions=["accounts.view_consumer", PROCESS_REQUESTS], make=conflicts),
]
