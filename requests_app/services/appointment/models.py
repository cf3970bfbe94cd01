"""Who comes to which office, and when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from phonenumber_field.modelfields import PhoneNumberField

from accounts.fields import format_phone
from accounts.models import User
from requests_app.dates import full_day
from requests_app.lifecycle import Actor, Status, Transition
from requests_app.models.detail import RequestDetail
from requests_app.services.appointment.calendar_file import FILE_NAME, calendar_file
from requests_app.services.appointment.life import VISIT
from requests_app.services.appointment.offices import Office
from requests_app.services.appointment.reminding import promise
from requests_app.services.appointment.slots import Busy
from requests_app.services.topics import OFFICIAL_TOPICS


class VisitState(models.TextChoices):
    BOOKED = "booked", "Записаны"
    PASSED = "passed", "Время прошло, отметки нет"  # and the consumer has booked the topic anew
    CAME = "came", "Приём состоялся"
    MISSED = "missed", "Не пришли"
    CANCELLED = "cancelled", "Запись отменена"


MARKED = [VisitState.CAME, VisitState.MISSED]


class AppointmentQuerySet(models.QuerySet["Appointment"]):
    def of(self, user: Any) -> Self:
        return self.filter(owner=user)

    def booked(self) -> Self:
        return self.filter(state=VisitState.BOOKED)

    def standing(self) -> Self:
        """Those that hold their window: every one that was not cancelled."""
        return self.exclude(state=VisitState.CANCELLED)

    def coming(self, *, now: datetime) -> Self:
        return self.booked().filter(starts_at__gt=now)

    def on(self, day: date) -> Self:
        """Those of that day, as the clocks of the office count it."""
        first = timezone.make_aware(datetime.combine(day, datetime.min.time()))
        return self.filter(starts_at__gte=first, starts_at__lt=first + timedelta(days=1))

    def busy(self) -> list[Busy]:
        """What they occupy. One query."""
        rows = self.standing().values_list("window", "starts_at", "ends_at")
        return [Busy(window=window, starts_at=starts_at, ends_at=ends_at) for window, starts_at, ends_at in rows]


_STATE_AFTER = {
    "came": VisitState.CAME,
    "missed": VisitState.MISSED,
    "cancel": VisitState.CANCELLED,
    "call_off": VisitState.CANCELLED,
}


class Appointment(RequestDetail):
    """Who comes when, to which window. `sequence` counts the changes of the time: calendars want it."""

    office = models.ForeignKey(
        Office, on_delete=models.PROTECT, related_name="appointments", db_index=False, verbose_name="офис"
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,  # as the request's own
        related_name="+",
        db_index=False,
        editable=False,
        verbose_name="потребитель",
    )
    state = models.CharField("визит", max_length=9, choices=VisitState, default=VisitState.BOOKED, editable=False)
    starts_at = models.DateTimeField("время приёма")
    ends_at = models.DateTimeField("конец приёма", editable=False)
    window = models.PositiveSmallIntegerField("окно", editable=False)  # found by us, not chosen
    topic = models.CharField("тема", max_length=12, choices=OFFICIAL_TOPICS)
    visitor = models.CharField("кто придёт", max_length=200)
    phone = PhoneNumberField("телефон")
    step_free = models.BooleanField("помощь у входа", default=False)
    low_vision = models.BooleanField("помощь слабовидящему", default=False)
    sign_language = models.BooleanField("переводчик жестового языка", default=False)
    comment = models.TextField("комментарий", max_length=1000, blank=True)
    set_at = models.DateTimeField("время назначено", default=timezone.now, editable=False)
    sequence = models.PositiveSmallIntegerField("изменений времени", default=0, editable=False)

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        verbose_name = "запись на приём"
        verbose_name_plural = "записи на приём"
        indexes = [models.Index(fields=["office", "starts_at"], name="appointment_by_time")]
        constraints = [
            models.UniqueConstraint(
                fields=["office", "window", "starts_at"],
                condition=~Q(state=VisitState.CANCELLED),
                name="appointment_slot_once",
            ),
            models.UniqueConstraint(
                fields=["owner", "topic"], condition=Q(state=VisitState.BOOKED), name="appointment_topic_once"
            ),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="appointment_has_length"),
            models.CheckConstraint(condition=Q(window__gte=1), name="appointment_window"),
            models.CheckConstraint(condition=Q(state__in=sorted(VisitState.values)), name="appointment_state_known"),
            models.CheckConstraint(condition=~Q(visitor="") & ~Q(phone=""), name="appointment_says_who"),
        ]

    # -- In the life of the request -----------------------------------------------------------------------------------

    def may_take(self, step: Transition, *, by: User) -> bool:
        """The consumer may change it until the cut-off; staff say who came on the day, and who did not when it is time."""
        now = timezone.now()
        if step.actor == Actor.CONSUMER:
            return self.state == VisitState.BOOKED and now <= self.changeable_until
        if step.name == "came":
            return timezone.localdate(now) >= timezone.localdate(self.starts_at)
        return step.name != "missed" or now >= self.starts_at

    def after(self, step: Transition, *, by: User) -> None:
        if step.name not in _STATE_AFTER:
            return
        self.state = _STATE_AFTER[step.name]
        self.sequence += self.is_cancelled
        self.set_at = timezone.now() if self.is_cancelled else self.set_at
        self.save(update_fields=["state", "sequence", "set_at"])

    def what_next(self) -> str:
        """Of a visit ahead also which reminders will come; of one that nobody has marked, that its time is over."""
        if self.is_ahead:
            reminders = promise(self.starts_at, set_at=self.set_at, now=timezone.now())
            return f"{VISIT.what_next[Status.REGISTERED]} {reminders}".strip()
        is_over = self.state in (VisitState.BOOKED, VisitState.PASSED)
        return "Время приёма прошло. По\N{NO-BREAK SPACE}новому вопросу запишитесь снова." if is_over else ""

    def letter_files(self) -> Mapping[str, str]:
        return {FILE_NAME: calendar_file(self)}

    # -- In words and figures -----------------------------------------------------------------------------------------

    @property
    def is_ahead(self) -> bool:
        """The visitor is still to come, or is there right now."""
        return self.state == VisitState.BOOKED and timezone.now() < self.ends_at

    @property
    def is_cancelled(self) -> bool:
        return self.state == VisitState.CANCELLED

    @property
    def subject(self) -> str:
        """«учёт электроэнергии, 27 ноября 2026, 10:30»."""
        topic, local = self.get_topic_display(), timezone.localtime(self.starts_at)
        return f"{topic[:1].lower()}{topic[1:]}, {full_day(local.date())}, {local:%-H:%M}"

    @property
    def busy(self) -> Busy:
        return Busy(window=self.window, starts_at=self.starts_at, ends_at=self.ends_at)

    @property
    def when_and_where(self) -> tuple[int, datetime, datetime]:
        """What the visitor is told of; which window it is, they find out there."""
        return self.office_id, self.starts_at, self.ends_at

    @property
    def changeable_until(self) -> datetime:
        """Until when the consumer may cancel it or choose another time."""
        return self.starts_at - self.office.cutoff

    @property
    def phone_words(self) -> str:
        """«8 (863) 250-31-02»."""
        return format_phone(self.phone)

    @property
    def needs(self) -> list[str]:
        """What the office has to prepare, in words."""
        ticks = [field for field in self._meta.fields if isinstance(field, models.BooleanField)]
        return [str(field.verbose_name) for field in ticks if getattr(self, field.name)]


class AppointmentReminder(models.Model):
    """The mark that a reminder was written: one of a kind for a time, so two servers write one letter."""

    appointment = models.ForeignKey(
        Appointment, on_delete=models.CASCADE, related_name="reminders", db_index=False, verbose_name="запись"
    )
    kind = models.CharField("напоминание", max_length=10)
    starts_at = models.DateTimeField("о каком времени")  # moved, it is reminded of anew
    written_at = models.DateTimeField("когда написано", default=timezone.now)

    class Meta:
        verbose_name = "напоминание о приёме"
        verbose_name_plural = "напоминания о приёме"
        constraints = [
            models.UniqueConstraint(fields=["appointment", "kind", "starts_at"], name="appointment_reminder_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}, {self.appointment}"
