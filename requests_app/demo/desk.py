"""
What the start page of the desk tells beside the rest: work of the supervisor, answers that came late, a visitor of today,
two cabinets of one company, a table of supply points, news that are not out, a look at a hidden reporter.
"""

from datetime import datetime, time, timedelta
from functools import partial

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils import timezone

from accounts.models import Consumer, User
from requests_app import actions
from requests_app.codes import Outcome
from requests_app.demo import visits
from requests_app.demo.people import PASSWORD
from requests_app.demo.stories import Story, make_requests
from requests_app.models import ReporterReveal, ServiceRequest, SupplyImport
from requests_app.services.appointment.models import Appointment
from rsmportal.content.models import News

_PERSON, _TRADER, _COMPANY = "person@example.org", "sole-trader@example.org", "company@example.org"
_SUPERVISOR, _DPO, _ACCOUNTANT = "supervisor@example.org", "dpo@example.org", "accountant@example.org"

_of_supervisor = partial(Story, colleague=_SUPERVISOR)

STORIES = (
    _of_supervisor(
        name="complaint with the supervisor",
        service="complaint",
        owner=_COMPANY,
        days_ago=9,
        answers={
            "category": "connection",
            "circumstances": "Технические условия по третьему вводу обещали к началу месяца, их всё нет.",
            "demands": "Выдать технические условия.",
        },
        steps=(("take", ""),),
    ),
    _of_supervisor(
        name="inquiry late with the supervisor",
        service="inquiry",
        owner=_TRADER,
        days_ago=21,
        answers={"topic": "transmission", "question": "Почему в договоре указан другой класс напряжения?"},
        steps=(("take", ""),),
    ),
    Story(
        name="inquiry late with the operator",
        service="inquiry",
        owner=_PERSON,
        days_ago=19,
        answers={"topic": "service", "question": "Можно ли получить ответ на прошлогоднее обращение на бумаге?"},
        steps=(("take", ""),),
    ),
)
# Answered some days after their terms.
LATE = (
    Story(
        name="complaint answered late",
        service="complaint",
        owner=_TRADER,
        days_ago=49,
        answers={"category": "service", "circumstances": "Записали на приём, а офис в этот день был закрыт."},
        steps=(
            ("take", ""),
            ("answer", "Приносим извинения: о закрытии офиса вас должны были предупредить."),
            ("close", ""),
        ),
    ),
    Story(
        name="inquiry answered late",
        service="inquiry",
        owner=_COMPANY,
        days_ago=36,
        answers={"topic": "maintenance", "question": "Кто обслуживает кабель от подстанции до нашего ввода?"},
        steps=(("take", ""), ("answer", "Кабель до границы участка обслуживаем мы."), ("close", "")),
    ),
)

_NEWS = (
    ("grafik-rabot-dekabr", "График плановых работ на декабрь", 2),  # comes out in two days
    ("novyj-operator-kontakt-centra", "Контакт-центр: новые часы работы", None),
)
_CSV = (
    "Номер договора;Адрес объекта;Потребитель по договору;Заводской номер\r\n"
    "ТП-2023/52;г. Ростов-на-Дону, ул. Менжинского, 12;ООО «Вега»;011077701\r\n"
)


def make_desk() -> None:
    """Create what is missing; a second run changes nothing."""
    make_requests(STORIES)
    if make_requests(LATE):
        _answer_late()
    _visitor_of_today()
    _accountant()
    _import()
    _news()
    _look_at_reporter()


def _answer_late() -> None:
    """Three days after the term; both stories are of the same two subjects, of no other closed request."""
    for story in LATE:
        newest = ServiceRequest.objects.filter(owner__email=story.owner, service=story.service, status="closed")
        service_request = newest.latest("pk")
        late = timezone.make_aware(datetime.combine(service_request.due_on + timedelta(days=3), time(15)))
        ServiceRequest.objects.filter(pk=service_request.pk).update(
            answered_at=late, closed_at=late, outcome=Outcome.LATE
        )
        service_request.status_changes.filter(transition__in=["answer", "close"]).update(at=late)


def _visitor_of_today() -> None:
    """At nine, at the second window, whatever day it is: the sheet of today is never empty."""
    visit = visits.Visit(name="today", owner=_COMPANY, topic="service", day=6, nth=3)
    today = timezone.localdate()
    if Appointment.objects.filter(owner__email=_COMPANY, topic="service").exists():
        return
    with transaction.atomic():
        visits.make(visit)
        row = Appointment.objects.get(owner__email=_COMPANY, topic="service")
        length = row.ends_at - row.starts_at
        row.starts_at = timezone.make_aware(datetime.combine(today, time(9)))
        row.ends_at, row.set_at, row.window = row.starts_at + length, row.starts_at - timedelta(days=2), 2
        row.save(update_fields=["starts_at", "ends_at", "set_at", "window"])
        ServiceRequest.objects.filter(pk=row.pk).update(subject=row.subject, due_on=today, submitted_at=row.set_at)


def _accountant() -> None:
    """Another cabinet with the numbers of the same company: staff find out whether it may be."""
    if User.objects.filter(email=_ACCOUNTANT).exists():
        return
    company = Consumer.objects.get(user__email=_COMPANY)
    user = User.objects.create_user(_ACCOUNTANT, PASSWORD, email_confirmed_at=timezone.now())
    names = ("legal_form", "organisation", "inn", "ogrn", "phone")
    about = {name: getattr(company, name) for name in names}
    Consumer.objects.create(user=user, contact_name="Белова Анна Игоревна", **about)


def _import() -> None:
    if SupplyImport.objects.exists():
        return
    supervisor = User.objects.get(email=_SUPERVISOR)
    upload = SimpleUploadedFile("Точки поставки, ноябрь.csv", _CSV.encode(), "text/csv")
    actions.apply_supply_table(actions.upload_supply_table(upload, by=supervisor), by=supervisor)


def _news() -> None:
    for slug, title, in_days in _NEWS:
        published_at = timezone.now() + timedelta(days=in_days) if in_days else None
        texts = {"title": title, "summary": "Коротко о главном.", "body": "Текст готовится."}
        News.objects.get_or_create(slug=slug, defaults={**texts, "published_at": published_at})


def _look_at_reporter() -> None:
    if ReporterReveal.objects.exists():
        return
    service_request = ServiceRequest.objects.filter(is_anonymous=True).earliest("pk")
    reason = "Запрос полиции от 17.11.2026 № 118, материалы проверки."
    actions.reveal_reporter(service_request, reason=reason, by=User.objects.get(email=_DPO))
