"""Surveys on the desk: building one. What is done with it as a whole stands in `survey_pages`."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminIntegerFieldWidget, AdminTextareaWidget
from django.core.exceptions import ValidationError
from django.db.models import Count, Max, Q, QuerySet, TextField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from requests_app.admin.filters import TickFilter
from requests_app.admin.survey_pages import SurveyPages
from requests_app.dates import full_day
from requests_app.forms import LongText
from requests_app.services.survey.kinds import WITH_OPTIONS
from requests_app.services.survey.models import FIELD_OF, Locked, Option, Question, Survey
from requests_app.services.survey.publishing import problems

MOST_OPTIONS = 30
_LAST = 999  # the greatest order, as in the model
MOST_QUESTIONS = 50  # a longer form would not be taken whole: Django reads a thousand fields


class QuestionForm(forms.ModelForm[Question]):
    """A question with its options, one a line."""

    order = forms.IntegerField(
        label="Порядок",
        required=False,
        widget=AdminIntegerFieldWidget,
        min_value=0,
        max_value=_LAST,
        help_text="Пусто: в\N{NO-BREAK SPACE}конец",
    )
    option_lines = forms.CharField(
        label="Варианты ответа",
        required=False,
        max_length=MOST_OPTIONS * 201,
        widget=LongText(attrs={"rows": 4, "class": "vLargeTextField"}),
        help_text="Каждый с\N{NO-BREAK SPACE}новой строки; только для вопросов с\N{NO-BREAK SPACE}вариантами",
    )

    class Meta:
        model = Question
        fields = [
            "order",
            "kind",
            "text",
            "help_text",
            "is_required",
            "low_label",
            "high_label",
            "minimum",
            "maximum",
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["option_lines"] = "\n".join(option.label for option in self.instance.options.all())

    def clean_option_lines(self) -> list[str]:
        lines = [" ".join(line.split()) for line in self.cleaned_data["option_lines"].split("\n")]
        labels = [line for line in lines if line]
        if any(len(label) > 200 for label in labels):
            raise ValidationError("Вариант длиннее 200 знаков. Сократите его.", code="long")
        if len(labels) > MOST_OPTIONS:
            raise ValidationError(f"Вариантов {len(labels)}, можно не больше {MOST_OPTIONS}.", code="many")
        if len(set(labels)) < len(labels):
            raise ValidationError("Один и тот же вариант записан дважды.", code="twice")
        return labels

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        labels = cleaned.get("option_lines")
        if labels is None or "kind" not in cleaned:
            return cleaned
        if cleaned["kind"] in WITH_OPTIONS and len(labels) < 2:
            self.add_error("option_lines", ValidationError("Нужно хотя бы два варианта.", code="few"))
        elif labels and cleaned["kind"] not in WITH_OPTIONS:
            message = "У ответа этого вида нет вариантов. Выберите другой вид или уберите варианты."
            self.add_error("option_lines", ValidationError(message, code="needless"))
        return cleaned

    def save(self, commit: bool = True) -> Question:
        if self.cleaned_data.get("order") is None:
            last = self.instance.survey.questions.aggregate(last=Max("order"))["last"]
            self.instance.order = min((last or 0) + 1, _LAST)
        question = super().save(commit)
        if commit and "option_lines" in self.changed_data:
            question.options.all().delete()
            labels = self.cleaned_data["option_lines"]
            Option.objects.bulk_create(
                Option(question=question, order=order, label=label) for order, label in enumerate(labels)
            )
        return question


class QuestionInline(admin.StackedInline[Question, Survey]):
    model = Question
    form = QuestionForm
    max_num = MOST_QUESTIONS
    fields = [
        ("order", "kind", "is_required"),
        "text",
        "help_text",
        "option_lines",
        ("low_label", "high_label"),
        ("minimum", "maximum"),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Question]:
        return super().get_queryset(request).prefetch_related("options")

    def get_extra(self, request: HttpRequest, obj: Survey | None = None, **kwargs: Any) -> int:
        """Empty ones, since without scripts none can be added."""
        return 1 if obj else 3


@admin.register(Survey)
class SurveyAdmin(SurveyPages):
    formfield_overrides = {TextField: {"widget": AdminTextareaWidget(attrs={"rows": 3})}}
    list_display = ["title", "state_column", "period_column", "is_anonymous", "answered_column"]
    list_filter = [("is_anonymous", TickFilter)]
    ordering = ["-opens_on", "-pk"]
    fieldsets = [
        (None, {"fields": ["title", "purpose", ("opens_on", "closes_on"), "is_anonymous"]}),
        ("Кому", {"fields": [tuple(FIELD_OF.values()), ("used_service", "used_since")]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Survey]:
        finished = Q(participations__service_request__isnull=False)
        return super().get_queryset(request).annotate(answered=Count("participations", filter=finished))

    def get_inlines(self, request: HttpRequest, obj: Survey | None = None) -> list[type[Any]]:
        """The questions of a locked survey are listed by the template."""
        return [] if obj and obj.is_locked else [QuestionInline]

    def get_readonly_fields(self, request: HttpRequest, obj: Survey | None = None) -> list[str]:
        """Once somebody answers, only the last day may be moved."""
        if obj is None or not obj.is_locked:
            return []
        names = ["title", "purpose", "opens_on", "is_anonymous", *FIELD_OF.values(), "used_service", "used_since"]
        return [*names, *(["closes_on"] if obj.closed_at else [])]

    def has_change_permission(self, request: HttpRequest, obj: Survey | None = None) -> bool:
        return super().has_change_permission(request, obj) and not (obj and obj.closed_at)

    def has_delete_permission(self, request: HttpRequest, obj: Survey | None = None) -> bool:
        return super().has_delete_permission(request, obj) and not (obj and obj.is_locked)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().changeform_view(request, *args, **kwargs)
        except Locked as refusal:  # somebody began to answer while the page was filled in
            messages.error(request, refusal.messages[0])
            return redirect(request.path)

    def save_model(self, request: HttpRequest, obj: Survey, form: Any, change: bool) -> None:
        if change:
            Survey.objects.locked_row().get(pk=obj.pk)  # nobody begins to answer until the questions are written
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, *args: Any, **kwargs: Any) -> None:
        super().save_related(request, form, *args, **kwargs)
        survey: Survey = form.instance
        lacking = problems(survey, survey.asked(), today=timezone.localdate())
        if survey.published_at and lacking and not survey.is_locked:
            survey.published_at = None
            survey.save(update_fields=["published_at"])
            messages.warning(request, f"Опрос снят с публикации. {' '.join(lacking)}")

    @admin.display(description="состояние")
    def state_column(self, survey: Survey) -> str:
        return survey.state

    @admin.display(description="период")
    def period_column(self, survey: Survey) -> str:
        return f"{full_day(survey.opens_on)} — {full_day(survey.closes_on)}"

    @admin.display(description="ответили")
    def answered_column(self, survey: Survey) -> int:
        return int(survey.answered)  # type: ignore[attr-defined]
