"""How good the answers are: what consumers think of them, what a second reader does, and who had to ask again."""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from requests_app.lifecycle import Status
from requests_app.models.history import StatusChange
from requests_app.models.request import ServiceRequest


class Grade(models.IntegerChoices):
    """In the words of who gives it."""

    VERY_BAD = 1, "очень плохо"
    BAD = 2, "плохо"
    FAIR = 3, "удовлетворительно"
    GOOD = 4, "хорошо"
    EXCELLENT = 5, "отлично"


LOW = (Grade.VERY_BAD, Grade.BAD)  # supervisors are told of these
MAX_COMMENT = 1000  # characters

_PER_CENT = [MinValueValidator(1), MaxValueValidator(100)]


class QualityRule(models.Model):
    """
    The one row of numbers that supervisors set: of the weekly sample, and how long after an appeal another one about
    the same counts as repeated.
    """

    sample_percent = models.PositiveSmallIntegerField(
        "доля ответов недели, %", default=5, validators=_PER_CENT, help_text="Округляется вверх."
    )
    sample_least = models.PositiveSmallIntegerField(
        "не\N{NO-BREAK SPACE}меньше", default=5, validators=[MaxValueValidator(1000)]
    )
    sample_most = models.PositiveSmallIntegerField(
        "не\N{NO-BREAK SPACE}больше", default=50, validators=[MaxValueValidator(1000)]
    )
    # The answer takes up to 30 days, and as long again is left to see that it did not help.
    repeat_days = models.PositiveSmallIntegerField(
        "повторное, если прошло дней не\N{NO-BREAK SPACE}больше",
        default=60,
        validators=[MinValueValidator(1), MaxValueValidator(365)],
        help_text="От\N{NO-BREAK SPACE}отправки прежнего обращения. Уже посчитанные не\N{NO-BREAK SPACE}меняются.",
    )

    class Meta:
        verbose_name = "правила качества"
        verbose_name_plural = "правила качества"
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="quality_rule_is_one"),
            models.CheckConstraint(
                condition=Q(sample_percent__gte=1, sample_percent__lte=100, sample_least__lte=F("sample_most")),
                name="quality_rule_sample",
            ),
            models.CheckConstraint(condition=Q(repeat_days__gte=1, repeat_days__lte=365), name="quality_rule_days"),
        ]

    def __str__(self) -> str:
        return "Правила качества"

    def clean(self) -> None:
        least, most = self.sample_least, self.sample_most
        if None not in (least, most) and least > most:  # a field that is wrong has none
            raise ValidationError({"sample_most": "Не\N{NO-BREAK SPACE}меньше, чем в\N{NO-BREAK SPACE}поле выше."})


class OfAnswersQuerySet(models.QuerySet[Any]):
    """Rows that name an answer by the step that gave it."""

    def visible_to(self, user: Any) -> Self:
        """Of the requests that this colleague may know of."""
        from requests_app import services  # the services import the models

        return self.filter(answer__service_request__service__in=services.seen_by(user))


class AnswerGradeQuerySet(OfAnswersQuerySet):
    def low(self) -> Self:
        return self.filter(grade__in=LOW)


class AnswerGrade(models.Model):
    """What the consumer thinks of one answer; after a disagreement the next answer has its own."""

    answer = models.OneToOneField(StatusChange, on_delete=models.CASCADE, related_name="grade", verbose_name="ответ")
    grade = models.PositiveSmallIntegerField("оценка", choices=Grade)
    comment = models.TextField("комментарий", max_length=MAX_COMMENT, blank=True)
    graded_at = models.DateTimeField("когда", default=timezone.now)  # given or last changed

    objects = AnswerGradeQuerySet.as_manager()

    class Meta:
        verbose_name = "оценка ответа"
        verbose_name_plural = "оценки ответов"
        ordering = ["-graded_at", "-pk"]
        indexes = [models.Index(fields=["-graded_at", "-id"], name="answer_grade_newest")]
        constraints = [
            models.CheckConstraint(condition=Q(grade__gte=1, grade__lte=5), name="answer_grade_range"),
        ]

    def __str__(self) -> str:
        return f"{self.grade}, {self.get_grade_display()}"

    @property
    def is_low(self) -> bool:
        return self.grade in LOW


class AnswerSample(models.Model):
    """That the sample of a week was drawn: once, whoever asks again."""

    week = models.DateField("неделя с", unique=True)  # its Monday
    answers = models.PositiveIntegerField("ответов за неделю")
    chosen_at = models.DateTimeField("когда выбраны", default=timezone.now)

    class Meta:
        verbose_name = "выборка недели"
        verbose_name_plural = "выборки недель"
        ordering = ["-week"]

    def __str__(self) -> str:
        return f"Неделя с\N{NO-BREAK SPACE}{self.week:%d.%m.%Y}"


CRITERIA = ["to_the_point", "is_clear", "in_time", "is_polite"]


class AnswerReviewQuerySet(OfAnswersQuerySet):
    def unread(self) -> Self:
        return self.filter(read_at=None)

    def read(self) -> Self:
        return self.filter(read_at__isnull=False)

    def locked(self) -> Self:
        return self.select_for_update(of=("self",), no_key=True)


class AnswerReview(models.Model):
    """An answer of the sample, and what its second reader says of it; not the one who gave it."""

    sample = models.ForeignKey(AnswerSample, on_delete=models.CASCADE, related_name="reviews", verbose_name="неделя")
    answer = models.OneToOneField(StatusChange, on_delete=models.CASCADE, related_name="review", verbose_name="ответ")
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="кто ответил"
    )
    to_the_point = models.BooleanField("по\N{NO-BREAK SPACE}существу", null=True)
    is_clear = models.BooleanField("понятно", null=True)
    in_time = models.BooleanField("в\N{NO-BREAK SPACE}срок", null=True)
    is_polite = models.BooleanField("вежливо", null=True)
    mark = models.PositiveSmallIntegerField("оценка", choices=Grade, null=True)
    comment = models.TextField("замечания", max_length=MAX_COMMENT, blank=True)
    reader = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="кто прочитал"
    )
    read_at = models.DateTimeField("когда прочитан", null=True)

    objects = AnswerReviewQuerySet.as_manager()

    class Meta:
        verbose_name = "второе чтение ответа"
        verbose_name_plural = "второе чтение ответов"
        ordering = ["-sample__week", "pk"]
        indexes = [models.Index(fields=["-read_at"], name="answer_review_read")]
        constraints = [
            models.CheckConstraint(
                condition=Q(mark=None) | Q(mark__gte=1, mark__lte=5), name="answer_review_mark_range"
            ),
            models.CheckConstraint(
                condition=Q(read_at=None, reader=None, mark=None, comment="", **dict.fromkeys(CRITERIA))
                | Q(
                    read_at__isnull=False,
                    reader__isnull=False,
                    mark__isnull=False,
                    **{f"{name}__isnull": False for name in CRITERIA},
                ),
                name="answer_review_read_whole",
            ),
            models.CheckConstraint(
                condition=Q(reader=None) | ~Q(reader=F("answered_by")), name="answer_review_not_own"
            ),
        ]
        permissions = [("read_answerreview", "Может читать ответы вторым")]

    def __str__(self) -> str:
        return f"Ответ по\N{NO-BREAK SPACE}заявке {self.answer.service_request}"


class RepetitionReason(models.TextChoices):
    """By what the earlier request was found."""

    SAID = "said", "Указал заявитель"
    PERSON = "person", "Тот же заявитель"
    CONTRACT = "contract", "Тот же договор"
    ADDRESS = "address", "Тот же адрес"


class RepetitionQuerySet(models.QuerySet["Repetition"]):
    def visible_to(self, user: Any) -> Self:
        """Where this colleague may know of both requests."""
        from requests_app import services  # the services import the models

        seen = services.seen_by(user)
        return self.filter(service_request__service__in=seen, earlier__service__in=seen)

    def standing(self) -> Self:
        """Without those that were taken back."""
        return self.exclude(service_request__status=Status.WITHDRAWN)


class Repetition(models.Model):
    """
    That a request asks again about what was asked before. Found when it is registered and kept, so that figures of the
    past do not change with the rule.
    """

    service_request = models.OneToOneField(
        ServiceRequest, on_delete=models.CASCADE, related_name="repetition", verbose_name="заявка"
    )
    earlier = models.ForeignKey(
        ServiceRequest, on_delete=models.CASCADE, related_name="repetitions", verbose_name="прежняя заявка"
    )
    reason = models.CharField("как найдена", max_length=8, choices=RepetitionReason)
    answered_by = models.ForeignKey(  # empty when there was no answer yet
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="кто отвечал на\N{NO-BREAK SPACE}прежнюю",
    )
    at = models.DateTimeField("когда", default=timezone.now)

    objects = RepetitionQuerySet.as_manager()

    class Meta:
        verbose_name = "повторное обращение"
        verbose_name_plural = "повторные обращения"
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["-at", "-id"], name="repetition_newest")]
        constraints = [
            models.CheckConstraint(condition=~Q(service_request=F("earlier")), name="repetition_of_another"),
            models.CheckConstraint(
                condition=Q(reason__in=sorted(RepetitionReason.values)), name="repetition_reason_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.service_request}, раньше {self.earlier}"
