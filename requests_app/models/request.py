from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from accounts.models import LegalForm
from requests_app.codes import AppealForm, Category, Outcome, RefusalReason
from requests_app.deadlines import DayKind
from requests_app.lifecycle import FINAL_STATUSES, OPEN_STATUSES, Status
from requests_app.models.detail import RequestDetail, Row, rows_of
from requests_app.models.key_field import KeyField, with_keys
from requests_app.models.request_queryset import ServiceRequestQuerySet
from requests_app.models.term import service_choices
from requests_app.name_keys import LONGEST, name_key
from requests_app.supply_keys import contract_key

if TYPE_CHECKING:
    from requests_app.services.base import Service


class ReplyChannel(models.TextChoices):
    CABINET = "cabinet", "В личном кабинете"
    EMAIL = "email", "По электронной почте"
    POST = "post", "Письмом по почте"
    PHONE = "phone", "По телефону"  # of who has no cabinet


RECEIVED = {
    AppealForm.OFFICE: "в\N{NO-BREAK SPACE}офисе",
    AppealForm.PHONE: "по\N{NO-BREAK SPACE}телефону",
    AppealForm.POST: "по\N{NO-BREAK SPACE}почте",
    AppealForm.OTHER: "сотрудником",
}


# What stands for the name of a reporter who does not want to be named.
HIDDEN_NAME = "Заявитель скрыт"


def applicant_key(name: str) -> str:
    """By what a name is searched; an anonymous one is not."""
    return "" if name == HIDDEN_NAME else name_key(name)


class ServiceRequest(models.Model):
    """
    One thing that a consumer asked for. What was asked stands in the detail row of its service.

    The applicant is a snapshot: a later change of the profile does not rewrite history. Of an anonymous request the
    snapshot names nobody; only `owner` still leads to the person, and no page, search or letter of staff follows it.

    Without an `owner` it is of somebody who has no cabinet: a colleague has written it down, and the snapshot says how
    to reach them (see `Reception`).
    """

    number = models.CharField("номер", max_length=16, unique=True, editable=False)
    service = models.CharField("услуга", max_length=32, choices=service_choices, editable=False)
    subject = models.CharField("предмет", max_length=200, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,  # the register of appeals outlives an account
        null=True,
        db_index=False,  # `request_of_owner` begins with it
        related_name="service_requests",
        verbose_name="потребитель",
    )
    status = models.CharField("статус", max_length=17, choices=Status, default=Status.REGISTERED, editable=False)
    submission_key = models.UUIDField("ключ отправки", default=uuid.uuid4, editable=False)
    content_hash = models.CharField("отпечаток ответов", max_length=64, editable=False)  # without the files

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
    applicant_legal_form = models.CharField(
        "правовая форма", max_length=11, choices=LegalForm, blank=True, editable=False
    )
    applicant_identifier = models.CharField("идентификатор", max_length=60, blank=True, editable=False)
    applicant_email = models.EmailField("email заявителя", max_length=254, blank=True, editable=False)
    applicant_phone = models.CharField("телефон заявителя", max_length=40, blank=True, editable=False)

    is_anonymous = models.BooleanField("заявитель скрыт", default=False, editable=False)
    is_urgent = models.BooleanField("опасность сейчас", default=False, editable=False)

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

    applicant_key = KeyField(
        "заявитель для поиска",
        of="applicant_name",
        make=applicant_key,
        max_length=LONGEST,
        blank=True,
        default="",
        editable=False,
    )
    contract_key = KeyField(
        "договор для поиска",
        of="contract_number",
        make=contract_key,
        max_length=60,
        blank=True,
        default="",
        editable=False,
    )

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
            # the views of the desk, each in the order in which its list is read: see `admin.views_of_queue`
            models.Index(fields=["due_on", "id"], condition=Q(status__in=OPEN_STATUSES), name="request_due"),
            models.Index(
                fields=["assignee", "due_on", "id"], condition=Q(status__in=OPEN_STATUSES), name="request_due_of"
            ),
            models.Index(
                fields=["due_on", "id"],
                condition=Q(status__in=OPEN_STATUSES, assignee=None),
                name="request_due_of_nobody",
            ),
            models.Index(
                fields=["due_on", "id"],
                condition=Q(status=Status.AWAITING_CONSUMER),
                name="request_due_waiting",
            ),
            # the shapes of a search; the operator class is for LIKE 'beginning%' in any language of the database
            models.Index(fields=["applicant_email"], name="request_by_email"),
            models.Index(fields=["applicant_phone"], opclasses=["varchar_pattern_ops"], name="request_by_phone"),
            models.Index(fields=["applicant_key"], opclasses=["varchar_pattern_ops"], name="request_by_name"),
            models.Index(fields=["contract_key"], opclasses=["varchar_pattern_ops"], name="request_by_contract_key"),
            models.Index(
                fields=["assignee", "due_on"], condition=Q(status__in=OPEN_STATUSES), name="request_open_of_assignee"
            ),
            models.Index(
                fields=["-submitted_at"], condition=Q(is_urgent=True, status=Status.REGISTERED), name="request_urgent"
            ),
            # the charts of the start page read these alone, and only their last weeks
            models.Index(fields=["submitted_at", "service", "category"], name="request_received"),
            models.Index(
                fields=["answered_at", "service", "outcome"],
                condition=Q(answered_at__isnull=False),
                name="request_answered",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["owner", "submission_key"], name="request_submission_once"),
            models.CheckConstraint(
                condition=Q(owner__isnull=False)
                | Q(is_anonymous=False)
                & ~Q(applicant_name="")
                & (~Q(applicant_email="") | ~Q(applicant_phone="") | ~Q(postal_address="")),
                name="request_somebody_to_answer",
            ),
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
                condition=Q(answered_at=None, outcome__in=["", Outcome.NO_ANSWER])
                | Q(answered_at__isnull=False, outcome__in=[Outcome.IN_TIME, Outcome.LATE]),
                name="request_outcome_when_answered",
            ),
            models.CheckConstraint(
                condition=Q(category__in=sorted(Category.values)) & (~Q(status__in=FINAL_STATUSES) | ~Q(outcome="")),
                name="request_final_has_codes",
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
                condition=Q(
                    is_anonymous=True,
                    applicant_name=HIDDEN_NAME,
                    applicant_legal_form="",
                    applicant_identifier="",
                    applicant_email="",
                    applicant_phone="",
                    postal_address="",
                )
                | Q(is_anonymous=False, applicant_legal_form__in=sorted(LegalForm.values)),
                name="request_anonymous_names_nobody",
            ),
            models.CheckConstraint(
                condition=~Q(reply_channel=ReplyChannel.POST) | ~Q(postal_address=""),
                name="request_post_has_address",
            ),
            models.CheckConstraint(condition=Q(number__regex=r"^[0-9]{4}-[0-9]{6,}$"), name="request_number_form"),
        ]
        permissions = [
            ("process_servicerequest", "Может обрабатывать заявки"),
            ("extend_servicerequest", "Может продлевать срок ответа"),
            ("correct_codes_servicerequest", "Может исправлять коды завершённых заявок"),
        ]

    def __str__(self) -> str:
        return f"№ {self.number}"

    def save(self, *args: Any, update_fields: Any = None, **kwargs: Any) -> None:
        super().save(*args, update_fields=with_keys(type(self), update_fields), **kwargs)

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
        names = ["object_address", "contract_number", "repeat_of", "reply_channel", "postal_address"]
        yield from rows_of(self, [name for name in names if name in ("repeat_of", *self.kind.form_class.common)])
        yield from rows_of(self, ["is_urgent", "is_anonymous"])

    @property
    def status_label(self) -> str:
        """The status as the consumer reads it."""
        return self.kind.life.label(self.status)

    @property
    def takes_photos_only(self) -> bool:
        """May its consumer send no documents with it?"""
        return self.kind.form_class.photos_only

    @property
    def received(self) -> str:
        """«по телефону», where it was not sent through the portal; else empty."""
        return RECEIVED.get(AppealForm(self.appeal_form), "")

    @property
    def is_open(self) -> bool:
        return self.status in OPEN_STATUSES

    def is_overdue(self, *, on: date) -> bool:
        return self.is_open and self.due_on < on
