"""The forms of the desk."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms

from accounts.models import User
from requests_app import actions, placeholders
from requests_app.admin.words import colleague, told_how
from requests_app.codes import Category, RefusalReason
from requests_app.colleagues import processing_staff
from requests_app.forms import LongText, MessageForm, TransitionForm
from requests_app.models import ServiceRequest
from requests_app.reports import names_somebody
from requests_app.services.own_point import PaperRequest

MAX_MEASURES = 2000  # characters, as in the model
_NO_PLANS = "Не требуются"
CODES = ["category", "measures_done", "measures_planned"]


class StepForm(TransitionForm):
    """A step of the life cycle, with words for the applicant and files."""

    def __init__(self, *args: Any, service_request: ServiceRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        comment = self.fields["comment"]
        is_note = kwargs["transition"].comment_is_note
        if not comment.required:
            comment.label = "Заметка" if is_note else "Сообщение заявителю"
        if is_note:
            comment.help_text = "Видят только сотрудники. Заявитель узнает лишь, чем кончилась проверка"
            comment.error_messages["required"] = "Напишите, что установила проверка."
        else:
            comment.help_text = told_how(service_request, written="Заявитель увидит это в\N{NO-BREAK SPACE}кабинете")
            comment.error_messages["required"] = "Напишите текст для заявителя."
        if "refusal_reason" in self.fields:
            self.fields["refusal_reason"].error_messages["required"] = "Выберите основание."

    def clean_comment(self) -> str:
        return _without_gaps(self.cleaned_data["comment"])

    def before(self, service_request: ServiceRequest, *, by: User) -> None:
        """What the form changes besides the step, in the transaction of the step and ahead of it."""

    def after(self, service_request: ServiceRequest, *, by: User) -> None:
        """The same, once the step is taken and its message and files are there."""


class TakeForm(StepForm):
    """Nothing to write: the press of the button is all."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["comment"], self.fields["files"]


class AnswerForm(StepForm):
    """A step at which the official codes of the appeal are set: see `actions.set_codes`."""

    category = forms.ChoiceField(label="Категория обращения", choices=Category.choices)
    measures_done = forms.CharField(
        label="Выполненные мероприятия",
        max_length=MAX_MEASURES,
        required=False,
        widget=LongText(attrs={"rows": 3}),
        help_text="Для отчёта регулятору, который публикуется: без имён, телефонов и\N{NO-BREAK SPACE}адресов",
    )
    measures_planned = forms.CharField(
        label="Планируемые мероприятия",
        max_length=MAX_MEASURES,
        required=False,
        widget=LongText(attrs={"rows": 3}),
        help_text=f"Если пусто, в\N{NO-BREAK SPACE}отчёте будет «{_NO_PLANS}»",
    )
    done: ClassVar[str] = "Дан ответ"  # what was done, where nothing more is told

    def __init__(self, *args: Any, service_request: ServiceRequest, **kwargs: Any) -> None:
        super().__init__(*args, service_request=service_request, **kwargs)
        for name in CODES:
            self.fields[name].initial = getattr(service_request, name)
        self.order_fields(["refusal_reason", "comment", "files"])

    def clean_measures_done(self) -> str:
        return published(self.cleaned_data["measures_done"]) or self.done

    def clean_measures_planned(self) -> str:
        return published(self.cleaned_data["measures_planned"]) or _NO_PLANS

    def before(self, service_request: ServiceRequest, *, by: User) -> None:
        actions.set_codes(service_request, **{name: self.cleaned_data[name] for name in CODES}, by=by)


def published(text: str) -> str:
    """What may stand in the regulator's tables. Raises ValidationError where it leads to a person."""
    if names_somebody(text):
        raise forms.ValidationError(
            "Уберите телефон, почту или номер документа: это публикуется в\N{NO-BREAK SPACE}отчёте.", code="personal"
        )
    return text


class RefusalForm(AnswerForm):
    """A refusal is counted like any appeal that has ended."""

    done = "Направлен отказ с\N{NO-BREAK SPACE}обоснованием"


class DismissForm(StepForm):
    """How the check of a violation report ended, in the words of those who check."""

    REASONS: ClassVar[dict[str, str]] = {
        RefusalReason.UNPROVEN: "Нарушения нет",
        RefusalReason.NOT_OURS: "Не\N{NO-BREAK SPACE}наши сети",
        RefusalReason.REPEATED: "Об\N{NO-BREAK SPACE}этом уже сообщали",
        RefusalReason.ABUSIVE: "Оскорбления или угрозы вместо сообщения",
        RefusalReason.OTHER: "Другое",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reason: Any = self.fields["refusal_reason"]
        reason.label = "Чем кончилась проверка"
        reason.choices = [(value, self.REASONS[value]) for value, _ in reason.choices]


_FORMS: dict[str, type[StepForm]] = {"take": TakeForm, "answer": AnswerForm, "close": AnswerForm, "refuse": RefusalForm}

# Steps for which a service asks more: (its slug, name of the step) → form.
_FORMS_OF_SERVICES: dict[tuple[str, str], type[StepForm]] = {
    ("appointment", "came"): TakeForm,
    ("appointment", "missed"): TakeForm,
}
_FORMS_OF_SERVICES["violation-report", "dismiss"] = DismissForm


def ask_more(service: str, name: str, form_class: type[StepForm]) -> None:
    """Let the transition `name` of requests for `service` have a form of its own."""
    _FORMS_OF_SERVICES[service, name] = form_class


def step_form_class(service: str, name: str) -> type[StepForm]:
    """The form of the transition `name` of a request for `service`."""
    return _FORMS_OF_SERVICES.get((service, name)) or _FORMS.get(name, StepForm)


def _without_gaps(text: str) -> str:
    """A text as it may be sent. Raises ValidationError while a canned reply in it still lacks a value."""
    if left := placeholders.left_in(text):
        words = ", ".join(f"{{{word}}}" for word in left)
        raise forms.ValidationError(
            f"В\N{NO-BREAK SPACE}тексте осталось {words}: впишите сами или уберите.", code="gap"
        )
    return text


class LetterForm(MessageForm):
    """A message to the applicant."""

    def __init__(self, *args: Any, service_request: ServiceRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        body = self.fields["body"]
        body.error_messages["required"] = "Напишите текст для заявителя."
        written = "Заявитель увидит это в\N{NO-BREAK SPACE}кабинете и\N{NO-BREAK SPACE}получит письмо"
        body.help_text = told_how(service_request, written=written)
        if service_request.is_open and service_request.kind.life.promises_answer:
            body.help_text = f"{body.help_text.rstrip('.')}. Это не\N{NO-BREAK SPACE}ответ: срок идёт дальше"
        if isinstance(service_request.detail, PaperRequest):
            files, button = self.fields["files"], service_request.kind.life.get("answer").label
            files.help_text = f"Сам документ выдают кнопкой «{button}»: там проверяется право. {files.help_text}"

    def clean_body(self) -> str:
        return _without_gaps(self.cleaned_data["body"])


class NoteForm(MessageForm):
    """A note among staff."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        body = self.fields["body"]
        body.label, body.help_text = "Заметка", "Видят только сотрудники"
        body.error_messages["required"] = "Напишите, что запомнить."


class ColleagueField(forms.ModelChoiceField[User]):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=User.objects.none(), **kwargs)

    def label_from_instance(self, obj: User) -> str:
        return colleague(obj)


class AssignForm(forms.Form):
    """To whom the request is given."""

    mark_optional = False

    assignee = ColleagueField(label="Исполнитель", required=False, empty_label="Никто")

    def __init__(self, *args: Any, service_request: ServiceRequest, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["assignee"].queryset = processing_staff(service_request.kind)  # type: ignore[attr-defined]
        self.fields["assignee"].initial = service_request.assignee_id or by.pk
