from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format, localize

from accounts.models import LegalForm
from requests_app.codes import AppealForm, Category, Outcome, RefusalReason
from requests_app.deadlines import DayKind
from requests_app.lifecycle import FINAL_STATUSES, OPEN_STATUSES, TRANSITIONS, Status
from requests_app.models.term import service_choices

if TYPE_CHECKING:
    from requests_app.services.base import Service


class ReplyChannel(models.TextChoices):
    CABINET = "cabinet", "В личном кабинете"
    EMAIL = "email", "По электронной почте"
    POST = "post", "Письмом по почте"


class NumberSequence(models.Model):
    """The last number given in a year. Its row is locked while the next one is taken, so none is given twice."""

    year = models.PositiveSmallIntegerField("год", primary_key=True)
    last = models.PositiveIntegerField("последний номер", default=0)

    class Meta:
        verbose_name = "счётчик номеров"
        verbose_name_plural = "счётчики номеров"

    def __str__(self) -> str:
        return f"{self.year}: {self.last}"


class ServiceRequestQuerySet(models.QuerySet["ServiceRequest"]):
    def owned_by(self, user: Any) -> Self:
        return self.filter(owner=user)

    def open(self) -> Self:
        return self.filter(status__in=OPEN_STATUSES)

    def overdue(self, *, on: date) -> Self:
        return self.open().filter(due_on__lt=on)

    def due_by(self, day: date, *, on: date) -> Self:
        """Open, not late yet on `on`, to be answered by `day`."""
        return self.open().filter(due_on__gte=on, due_on__lte=day)

    def awaiting_consumer(self) -> Self:
        return self.filter(status=Status.AWAITING_CONSUMER)

    def unread_answers(self) -> Self:
        """Answered, and the consumer has not said yet whether it helped."""
        return self.filter(status=Status.ANSWERED)

    def newest_first(self) -> Self:
        return self.order_by("-submitted_at", "-pk")


class ServiceRequest(models.Model):
    """
    One thing that a consumer asked for. What was asked stands in the detail row of its service.

    The applicant is a snapshot: a later change of the profile does not rewrite history.
    """

    number = models.CharField("номер", max_length=16, unique=True, editable=False)
    service = models.CharField("услуга", max_length=32, choices=service_choices, editable=False)
    subject = models.CharField("предмет", max_length=200, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,  # the register of appeals outlives an account
        related_name="service_requests",
        verbose_name="потребитель",
    )
    status = models.CharField("статус", max_length=17, choices=Status, default=Status.REGISTERED, editable=False)
    submission_key = models.UUIDField("ключ отправки", editable=False)
    content_hash = models.CharField("отпечаток содержания", max_length=64, editable=False)

    submitted_at = models.DateTimeField("отправлена", default=timezone.now, editable=False)
    due_on = models.DateField("ответить до", editable=False)
    term_days = models.PositiveSmallIntegerField("срок, дней", editable=False)
    term_day_kind = models.CharField("какие дни", max_length=8, choices=DayKind.choices, editable=False)
    term_basis = models.CharField("основание срока", max_length=300, editable=False)
    answered_at = models.DateTimeField("ответ дан", null=True, editable=False)
    closed_at = models.DateTimeField("завершена", null=True, editable=False)

    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="assigned_requests",
        limit_choices_to={"is_staff": True},
        verbose_name="исполнитель",
    )
    assigned_at = models.DateTimeField("назначен", null=True, editable=False)

    applicant_name = models.CharField("заявитель", max_length=300, editable=False)
    applicant_legal_form = models.CharField("правовая форма", max_length=11, choices=LegalForm, editable=False)
    applicant_identifier = models.CharField("идентификатор", max_length=60, editable=False)
    applicant_email = models.EmailField("email заявителя", max_length=254, editable=False)
    applicant_phone = models.CharField("телефон заявителя", max_length=40, blank=True, editable=False)

    reply_channel = models.CharField(
        "как получить ответ", max_length=7, choices=ReplyChannel, default=ReplyChannel.CABINET, editable=False
    )
    postal_address = models.CharField("почтовый адрес", max_length=300, blank=True, editable=False)
    object_address = models.CharField("адрес объекта", max_length=300, blank=True, editable=False)
    contract_number = models.CharField("номер договора", max_length=60, blank=True, editable=False)

    appeal_form = models.CharField(
        "форма обращения", max_length=8, choices=AppealForm, default=AppealForm.INTERNET, editable=False
    )
    category = models.CharField("категория", max_length=22, choices=Category, editable=False)
    outcome = models.CharField("итог", max_length=9, choices=Outcome, blank=True, editable=False)
    refusal_reason = models.CharField("причина отказа", max_length=8, choices=RefusalReason, blank=True, editable=False)
    measures_done = models.TextField("выполненные мероприятия", blank=True, max_length=2000)
    measures_planned = models.TextField("планируемые мероприятия", blank=True, max_length=2000)

    repeat_of = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="repeats",
        verbose_name="повторная к заявке",
    )
    disputes = models.PositiveSmallIntegerField("несогласий с ответом", default=0, editable=False)

    objects = ServiceRequestQuerySet.as_manager()

    class Meta:
        verbose_name = "заявка"
        verbose_name_plural = "заявки"
        ordering = ["-submitted_at", "-pk"]
        indexes = [
            models.Index(fields=["owner", "-submitted_at"], name="request_of_owner"),
            models.Index(fields=["service", "status", "-submitted_at"], name="request_by_service"),
            models.Index(fields=["status", "-submitted_at"], name="request_by_status"),
            models.Index(fields=["-submitted_at", "-id"], name="request_newest"),
            models.Index(fields=["due_on"], condition=Q(status__in=OPEN_STATUSES), name="request_due"),
            models.Index(fields=["applicant_email"], name="request_by_email"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["owner", "submission_key"], name="request_submission_once"),
            models.CheckConstraint(condition=Q(status__in=sorted(Status.values)), name="request_status_known"),
            models.CheckConstraint(
                condition=Q(status__in=FINAL_STATUSES, closed_at__isnull=False)
                | (~Q(status__in=FINAL_STATUSES) & Q(closed_at__isnull=True)),
                name="request_closed_at_when_final",
            ),
            models.CheckConstraint(
                condition=Q(status__in=[Status.ANSWERED, Status.CLOSED], answered_at__isnull=False)
                | (~Q(status__in=[Status.ANSWERED, Status.CLOSED]) & Q(answered_at__isnull=True)),
                name="request_answered_at_when_answered",
            ),
            models.CheckConstraint(
                condition=Q(assignee=None, assigned_at=None) | Q(assignee__isnull=False, assigned_at__isnull=False),
                name="request_assigned_in_pairs",
            ),
            models.CheckConstraint(
                condition=Q(status=Status.REFUSED) & ~Q(refusal_reason="")
                | ~Q(status=Status.REFUSED) & Q(refusal_reason=""),
                name="request_refused_with_reason",
            ),
            models.CheckConstraint(
                condition=~Q(reply_channel=ReplyChannel.POST) | ~Q(postal_address=""),
                name="request_post_has_address",
            ),
            models.CheckConstraint(condition=Q(number__regex=r"^[0-9]{4}-[0-9]{6,}$"), name="request_number_form"),
        ]
        permissions = [("process_servicerequest", "Может обрабатывать заявки")]

    def __str__(self) -> str:
        return f"№ {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("requests:detail", args=[self.number])

    @property
    def kind(self) -> Service:
        """The service that this request asks for, as its module declares it."""
        from requests_app import services  # the services import the models

        return services.get(self.service)

    @property
    def title(self) -> str:
        """«Консультация: учёт электроэнергии», how lists and pages call the request."""
        return f"{self.kind.noun}: {self.subject}"

    @property
    def detail(self) -> RequestDetail:
        """The typed row of the service. Raises RelatedObjectDoesNotExist where `check_data` would complain."""
        detail: RequestDetail = getattr(self, self.kind.detail_name)
        return detail

    def rows(self) -> Iterator[Row]:
        """Everything that was asked, as people read it: the service's answers, then the common ones."""
        yield from self.detail.rows()
        yield from _rows(self, ["object_address", "contract_number", "repeat_of", "reply_channel", "postal_address"])

    @property
    def is_open(self) -> bool:
        return self.status in OPEN_STATUSES

    def is_overdue(self, *, on: date) -> bool:
        return self.is_open and self.due_on < on


class StatusChange(models.Model):
    """One step of a request's life; append-only. The first one, without a transition, is the registration."""

    service_request = models.ForeignKey(ServiceRequest, on_delete=models.CASCADE, related_name="status_changes")
    transition = models.CharField(
        "переход", max_length=10, blank=True, choices=[(step.name, step.event) for step in TRANSITIONS]
    )
    from_status = models.CharField("было", max_length=17, choices=Status, blank=True)
    to_status = models.CharField("стало", max_length=17, choices=Status)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="кто")
    at = models.DateTimeField("когда", default=timezone.now)

    class Meta:
        verbose_name = "изменение статуса"
        verbose_name_plural = "история статусов"
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(transition="", from_status="") | (~Q(transition="") & ~Q(from_status="")),
                name="status_change_from_in_pairs",
            ),
        ]

    def __str__(self) -> str:
        return self.event

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise ValidationError("Историю не меняют.", code="append_only")
        super().save(*args, **kwargs)

    @property
    def event(self) -> str:
        return self.get_transition_display() if self.transition else "Зарегистрирована"


@dataclass(frozen=True)
class Row:
    """One answer of a form as people read it."""

    label: str
    value: str


class RequestDetail(models.Model):
    """What was asked, typed: one table per service, one row per request."""

    service_request = models.OneToOneField(
        ServiceRequest, on_delete=models.CASCADE, primary_key=True, verbose_name="заявка"
    )

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.service_request)

    def rows(self) -> Iterator[Row]:
        """Every answer that was given, in the order of the fields: for the page, the admin, mail and print."""
        yield from _rows(self, [field.name for field in self._meta.fields if not field.primary_key])


def _rows(row: models.Model, names: list[str]) -> Iterator[Row]:
    for name in names:
        field = row._meta.get_field(name)
        value = _displayed(row, field)
        if value:
            label = str(field.verbose_name)
            yield Row(label[:1].upper() + label[1:], value)


def _displayed(row: models.Model, field: Any) -> str:
    """The value in words; empty when nothing was answered, a tick that was not set included."""
    value = getattr(row, field.attname)
    if value in (None, "", False):
        return ""
    if field.choices:
        return str(getattr(row, f"get_{field.name}_display")())
    if value is True:
        return "да"
    if isinstance(value, datetime):
        return date_format(timezone.localtime(value), "j E Y, H:i")
    if field.is_relation:
        return str(getattr(row, field.name))
    return str(localize(value))
