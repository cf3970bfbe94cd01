"""What staff build: a survey, its questions, their options. All of it stands still once somebody has begun to answer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import date
from functools import reduce
from typing import Any, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts.models import LegalForm, User
from requests_app.lifecycle import Status
from requests_app.models.request import ServiceRequest
from requests_app.models.retention import Kept, RetentionRule
from requests_app.models.term import service_choices
from requests_app.services.survey.kinds import WITH_OPTIONS, Kind

# Legal form → the field of a survey that says whether it is for it.
FIELD_OF = {
    LegalForm.PERSON: "for_persons",
    LegalForm.SOLE_TRADER: "for_sole_traders",
    LegalForm.COMPANY: "for_companies",
}
# An audience made of these would tell who reported a theft; and a survey about surveys has no use.
_NOT_AN_AUDIENCE = {"survey", "violation-report"}


def used_service_choices() -> list[tuple[str, str]]:
    """The services whose users may be asked."""
    return [(slug, noun) for slug, noun in service_choices() if slug not in _NOT_AN_AUDIENCE]


class Locked(ValidationError):
    """Somebody has begun to answer: the questions stand as they were asked."""

    def __init__(self) -> None:
        message = "На опрос уже отвечают: вопросы, варианты и условия больше не меняются. Создайте копию опроса."
        super().__init__(message, code="locked")


def used(services: Any, since: Any) -> QuerySet[ServiceRequest]:
    """The requests by which somebody belongs to the users of a service; a withdrawn one does not count."""
    kept = ServiceRequest.objects.exclude(status=Status.WITHDRAWN)
    return kept.filter(service=services, submitted_at__date__gte=since)


class SurveyQuerySet(models.QuerySet["Survey"]):
    def begun(self, *, on: date) -> Self:
        """Published, and its first day has come."""
        return self.filter(published_at__isnull=False, opens_on__lte=on)

    def open(self, *, on: date) -> Self:
        return self.begun(on=on).filter(closes_on__gte=on, closed_at=None)

    def meant_for(self, user: User) -> Self:
        """Those whose audience `user`, a consumer, belongs to."""
        theirs = used(OuterRef("used_service"), OuterRef("used_since")).filter(owner=user)
        mine = self.filter(**{FIELD_OF[LegalForm(user.consumer.legal_form)]: True})
        return mine.filter(Q(used_service="") | Exists(theirs))

    def visible_to(self, user: User, *, on: date) -> Self:
        """What the consumer may look at: begun, and meant for them or answered by them."""
        taken = self.model.objects.filter(pk=OuterRef("pk"), participations__user=user)
        return self.begun(on=on).filter(Q(pk__in=Survey.objects.meant_for(user).values("pk")) | Exists(taken))

    def locked_row(self) -> Self:
        """Hold the survey: until the transaction ends nobody answers, edits or closes it."""
        return self.select_for_update(of=("self",), no_key=True)

    def update(self, **changes: Any) -> int:
        _refuse_if(set(changes) - Survey.STAYS_OPEN and self.filter(participations__isnull=False).exists())
        return super().update(**changes)


class Survey(models.Model):
    """A list of questions, for whom it is and when. Published by staff; closed for good before its results are read."""

    # What may still change when somebody has begun to answer.
    STAYS_OPEN = frozenset({"closes_on", "closed_at", "closed_by", "closed_by_id", "invited"})

    title = models.CharField("название", max_length=200)
    purpose = models.TextField(
        "для чего опрос",
        max_length=1000,
        help_text="Показывается потребителю над вопросами: зачем спрашиваем и что будет",
    )
    opens_on = models.DateField("первый день")
    closes_on = models.DateField("последний день", help_text="Можно продлить, пока опрос не завершён")
    is_anonymous = models.BooleanField(
        "анонимный",
        default=True,
        help_text="Ответы хранятся отдельно от того, кто ответил; итоги видны после завершения",
    )
    for_persons = models.BooleanField("физическим лицам", default=True)
    for_sole_traders = models.BooleanField("индивидуальным предпринимателям", default=True)
    for_companies = models.BooleanField("юридическим лицам", default=True)
    used_service = models.CharField(
        "кто пользовался услугой", max_length=32, blank=True, choices=used_service_choices, help_text="Пусто — все"
    )
    used_since = models.DateField(
        "начиная с", null=True, blank=True, help_text="Заявки, отправленные в этот день и позже"
    )
    published_at = models.DateTimeField("опубликован", null=True, editable=False)
    closed_at = models.DateTimeField("завершён", null=True, editable=False)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name="кто завершил",
    )
    invited = models.PositiveIntegerField("приглашено", null=True, editable=False)  # at the closing

    objects = SurveyQuerySet.as_manager()

    class Meta:
        verbose_name = "опрос"
        verbose_name_plural = "опросы"
        ordering = ["-opens_on", "-pk"]
        indexes = [models.Index(fields=["closes_on"], condition=Q(closed_at=None), name="survey_open")]
        constraints = [
            models.CheckConstraint(
                condition=Q(closes_on__gte=F("opens_on")),
                name="survey_period_in_order",
                violation_error_message="Последний день раньше первого.",
            ),
            models.CheckConstraint(
                condition=Q(for_persons=True) | Q(for_sole_traders=True) | Q(for_companies=True),
                name="survey_is_for_somebody",
                violation_error_message="Отметьте, кому адресован опрос.",
            ),
            models.CheckConstraint(
                condition=Q(used_service="", used_since=None) | (~Q(used_service="") & Q(used_since__isnull=False)),
                name="survey_used_in_pairs",
                violation_error_message="Укажите и услугу, и день, с которого считать, или оставьте оба поля пустыми.",
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_by=None, invited=None)
                | Q(
                    closed_at__isnull=False,
                    closed_by__isnull=False,
                    invited__isnull=False,
                    published_at__isnull=False,
                ),
                name="survey_closed_in_full",
            ),
        ]
        permissions = [("view_survey_results", "Может смотреть итоги опросов")]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Raises `Locked` for a change of what was asked, `ValidationError` for one of a survey that is closed."""
        before = Survey.objects.filter(pk=self.pk).first() if self.pk else None
        if before:
            changed = {f.attname for f in self._meta.fields if getattr(self, f.attname) != getattr(before, f.attname)}
            if before.closed_at and changed:
                raise ValidationError("Опрос завершён, его уже не изменить.", code="closed")
            _refuse_if(changed - self.STAYS_OPEN and before.is_locked)
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("requests:survey", args=[self.pk])

    @property
    def is_locked(self) -> bool:
        """Has anybody begun to answer?"""
        return not self._state.adding and self.participations.exists()

    def is_open(self, *, on: date) -> bool:
        return bool(self.published_at) and not self.closed_at and self.opens_on <= on <= self.closes_on

    @property
    def state(self) -> str:
        """In one word, for lists."""
        today = timezone.localdate()
        if self.closed_at:
            return "Завершён"
        if not self.published_at:
            return "Черновик"
        if today < self.opens_on:
            return "Скоро откроется"
        return "Срок прошёл" if self.waits_for_closing else "Идёт"

    @property
    def waits_for_closing(self) -> bool:
        """Nobody can answer any more, but drafts are there still, and anonymous results are closed."""
        return bool(self.published_at) and not self.closed_at and self.closes_on < timezone.localdate()

    @property
    def legal_forms(self) -> list[LegalForm]:
        return [legal_form for legal_form, field in FIELD_OF.items() if getattr(self, field)]

    @property
    def draft_days(self) -> int:
        """How long after the last day answers that were put off are kept, where nobody closes the survey."""
        return RetentionRule.objects.get(what=Kept.DRAFTS).days

    def audience(self) -> QuerySet[User]:
        """Whom the survey is for, as it is now."""
        users = User.objects.filter(is_active=True, consumer__legal_form__in=self.legal_forms)
        if not self.used_service:
            return users
        return users.filter(Exists(used(self.used_service, self.used_since).filter(owner=OuterRef("pk"))))

    def asked(self) -> list[Question]:
        """The questions in order, with their options. Two queries, however many there are."""
        return list(self.questions.prefetch_related("options"))


def edition(survey: Survey, questions: Iterable[Question]) -> str:
    """
    What tells one wording of the survey from another, so that no answer is taken for that to another question, and none
    that was given as anonymous is kept with a name.
    """
    told = [[*(getattr(q, name) for name in _TOLD), [[o.pk, o.label] for o in q.options.all()]] for q in questions]
    text = json.dumps([survey.is_anonymous, told], ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


# What a consumer reads of a question, or is held to.
_TOLD = ["pk", "kind", "text", "help_text", "is_required", "low_label", "high_label", "minimum", "maximum"]


class PartQuerySet(models.QuerySet[Any]):
    """Of questions or options: nothing of a survey that is being answered is changed in bulk either."""

    def _refuse_if_locked(self) -> None:
        _refuse_if(self.filter(**{f"{self.model.TO_SURVEY}__participations__isnull": False}).exists())

    def update(self, **changes: Any) -> int:
        self._refuse_if_locked()
        return super().update(**changes)

    def delete(self) -> tuple[int, dict[str, int]]:
        self._refuse_if_locked()
        return super().delete()

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        parts = list(objs)
        surveys = {part.whole().pk for part in parts}
        _refuse_if(Survey.objects.filter(pk__in=surveys, participations__isnull=False).exists())
        return super().bulk_create(parts, *args, **kwargs)


class Part(models.Model):
    """What is locked together with its survey. `TO_SURVEY` is the way to it."""

    TO_SURVEY = "survey"

    objects = PartQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        _refuse_if(self.whole().is_locked)
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        _refuse_if(self.whole().is_locked)
        return super().delete(*args, **kwargs)

    def whole(self) -> Survey:
        survey: Survey = reduce(getattr, self.TO_SURVEY.split("__"), self)  # type: ignore[assignment]
        return survey


class Question(Part):
    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="questions", verbose_name="опрос")
    order = models.PositiveSmallIntegerField("порядок", default=0, validators=[MaxValueValidator(999)])
    kind = models.CharField("вид ответа", max_length=7, choices=Kind)
    text = models.CharField("вопрос", max_length=300)
    help_text = models.CharField("пояснение", max_length=300, blank=True)
    is_required = models.BooleanField("обязательный", default=True)
    low_label = models.CharField("подпись слева", max_length=40, blank=True, help_text="Для шкалы: «совсем нет»")
    high_label = models.CharField("подпись справа", max_length=40, blank=True, help_text="Для шкалы: «полностью»")
    minimum = models.DecimalField(
        "не меньше", max_digits=12, decimal_places=3, null=True, blank=True, help_text="Для числа"
    )
    maximum = models.DecimalField(
        "не больше", max_digits=12, decimal_places=3, null=True, blank=True, help_text="Для числа"
    )

    class Meta:
        verbose_name = "вопрос"
        verbose_name_plural = "вопросы"
        ordering = ["order", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=sorted(Kind.values)), name="question_kind_known"),
            models.CheckConstraint(
                condition=Q(kind=Kind.NUMBER) | Q(minimum=None, maximum=None),
                name="question_limits_of_a_number",
                violation_error_message="Границы бывают только у\N{NO-BREAK SPACE}числа.",
            ),
            models.CheckConstraint(
                condition=Q(minimum=None) | Q(maximum=None) | Q(maximum__gte=F("minimum")),
                name="question_limits_in_order",
                violation_error_message="Верхняя граница меньше нижней.",
            ),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def takes_options(self) -> bool:
        return self.kind in WITH_OPTIONS


class Option(Part):
    TO_SURVEY = "question__survey"

    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="options", verbose_name="вопрос")
    order = models.PositiveSmallIntegerField("порядок")
    label = models.CharField("вариант", max_length=200)

    class Meta:
        verbose_name = "вариант ответа"
        verbose_name_plural = "варианты ответа"
        ordering = ["order", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["question", "order"], name="option_order_once"),
            models.UniqueConstraint(fields=["question", "label"], name="option_label_once"),
        ]

    def __str__(self) -> str:
        return self.label


def _refuse_if(condition: Any) -> None:
    if condition:
        raise Locked
