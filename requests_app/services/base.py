"""What a service is, and the form that every service's form builds on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db import models

from accounts.models import LegalForm, User
from requests_app.codes import Category
from requests_app.deadlines import DayKind
from requests_app.forms import FilesForm
from requests_app.lifecycle import APPEAL, Life
from requests_app.models.detail import RequestDetail
from requests_app.models.request import ReplyChannel, ServiceRequest

VIEW_REQUESTS = "requests_app.view_servicerequest"


@dataclass(frozen=True, kw_only=True)
class DefaultTerm:
    """The term of answer that a new installation starts with; staff edit the `ServiceTerm` row made from it."""

    days: int
    day_kind: DayKind
    legal_basis: str


class CannotBeSent(Exception):
    """What the form asks for was taken or forbidden meanwhile; said by `field`, or above the form when it is None."""

    def __init__(self, field: str | None, message: str) -> None:
        super().__init__(message)
        self.field, self.message = field, message


@dataclass(frozen=True, kw_only=True)
class Notice:
    """A line of the cabinet about something to do or to remember."""

    title: str
    text: str
    url: str
    action: str  # of the link


def _no_notices(user: User) -> Iterable[Notice]:
    return ()


@dataclass(frozen=True, kw_only=True)
class Service:
    """One of the things a consumer may ask for. Declared at the end of its module, listed in `services.SERVICES`."""

    slug: str
    noun: str  # «Справка»: how lists call one request
    title: str  # «Запросить справку»: the plain name, a verb first
    summary: str  # the official name, as in the operator's guide
    lead: str  # one or two sentences above the form
    icon: str
    form_class: type[ServiceForm]
    default_term: DefaultTerm
    life: Life = APPEAL
    is_ordered_anew: bool = False  # asking for another paper is another order, not a repeated appeal
    counts_as_appeal: bool = True  # stands in the regulator's tables of appeals: see `requests_app.reports`
    on_behalf: bool | None = None  # may staff write it down for somebody? Left out: if it is an appeal
    allowed_for: tuple[LegalForm, ...] = tuple(LegalForm)
    warns_of_danger: bool = False  # show 112 and the dispatcher before the form
    form_template: str = "requests/submit.html"
    page_template: str = ""  # a part of the consumer's page of one request, with `service_request` and `detail`
    desk_template: str = ""  # the same on the desk
    registered_letter: str = "request_registered"  # the template of the first letter
    registered_news: str = "зарегистрирована"  # how its subject goes on after the number
    notices: Callable[[User], Iterable[Notice]] = _no_notices  # what the cabinet tells a consumer
    view_permission: str = VIEW_REQUESTS  # who of the staff may know of its requests at all
    example: Mapping[str, Any] = field(default_factory=dict)  # valid form data: documentation that tests and demo use

    @property
    def detail_model(self) -> type[RequestDetail]:
        return self.form_class._meta.model

    @property
    def is_taken_on_behalf(self) -> bool:
        return self.counts_as_appeal if self.on_behalf is None else self.on_behalf

    def topics(self) -> dict[str, str]:
        """What its requests may be about: the choices of the field that names them, value → words."""
        field = self.detail_model._meta.get_field(self.form_class.subject_field)
        return {str(value): str(label) for value, label in field.flatchoices}  # type: ignore[union-attr]

    @property
    def detail_name(self) -> str:
        """The attribute of a `ServiceRequest` that holds the detail row."""
        return str(self.detail_model._meta.model_name)


class ServiceForm(FilesForm, forms.ModelForm[Any]):
    """The service's own questions, then the common ones: which object, how to answer, files."""

    COMMON: ClassVar[list[str]] = ["object_address", "contract_number", "reply_channel", "postal_address", "files"]

    common: ClassVar[list[str]] = COMMON  # those that the service asks
    photos_only: ClassVar[bool] = False  # no documents: they carry the names of who wrote them

    subject_field: ClassVar[str] = "topic"  # the choice whose label names the request

    object_address = forms.CharField(
        label="Адрес объекта",
        max_length=300,
        required=False,
        help_text="Если вопрос о конкретном доме, квартире или предприятии",
        widget=forms.TextInput(attrs={"autocomplete": "address-line1"}),
    )
    contract_number = forms.CharField(
        label="Номер договора или лицевого счёта",
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"class": "input-medium", "autocomplete": "off"}),
    )
    reply_channel = forms.ChoiceField(
        label="Как получить ответ",
        choices=ReplyChannel.choices,
        initial=ReplyChannel.CABINET,
        widget=forms.RadioSelect,
        help_text="В кабинете ответ появится в любом случае",
    )
    postal_address = forms.CharField(
        label="Почтовый адрес для ответа",
        max_length=300,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "address-line1", "data-depends": "reply_channel:post"}),
    )

    class Meta:
        model: type[RequestDetail]

    def __init__(
        self, *args: Any, owner: User | None, by: User | None = None, legal_form: LegalForm | None = None, **kwargs: Any
    ) -> None:
        """`by`: the colleague who writes it down; `legal_form`: of an applicant without a cabinet, who is no `owner`."""
        super().__init__(*args, owner=owner, by=by, photos_only=self.photos_only, **kwargs)
        consumer = getattr(owner, "consumer", None)
        self.legal_form = LegalForm(consumer.legal_form) if consumer else legal_form or LegalForm.PERSON
        of_nobody = {"reply_channel", "postal_address"} if owner is None else set()  # asked with the contacts
        for name in (set(self.COMMON) - set(self.common)) | (of_nobody & set(self.fields)):
            del self.fields[name]
        if "reply_channel" in self.fields:
            cabinet: Any = self.fields["reply_channel"]
            cabinet.choices = [choice for choice in ReplyChannel.choices if choice[0] != ReplyChannel.PHONE]
        own = [name for name in self.fields if name not in self.COMMON]
        self.order_fields([*own, *self.COMMON])
        if "postal_address" in self.fields:
            self.say_when_needed(["postal_address"], "нужен для письма по почте")
        for question in self.fields.values():
            if isinstance(question, forms.ChoiceField) and isinstance(question.widget, forms.RadioSelect):
                choices: Any = question.choices
                question.choices = [
                    (value, label) for value, label in choices if value != ""
                ]  # no «---------» to choose

    # -- Checking ---------------------------------------------------------------------------------------------------

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("reply_channel") != ReplyChannel.POST:
            cleaned["postal_address"] = ""
        elif not cleaned.get("postal_address"):
            self.require("postal_address", "Укажите адрес с индексом, на который отправить письмо.")
        return cleaned

    def say_when_needed(self, names: list[str], words: str) -> None:
        """Mark fields that other answers make obligatory with when they do, instead of «необязательно»."""
        for name in names:
            self.fields[name].optional_word = words  # type: ignore[attr-defined]

    def require(self, name: str, message: str) -> None:
        """Mark a field that other answers have made obligatory, unless it has an error of its own."""
        if name not in self.errors:
            self.add_error(name, ValidationError(message, code="required"))

    # -- For `actions.submit` ---------------------------------------------------------------------------------------

    def subject(self) -> str:
        """What the request is about, in a few words, for lists; at most 200 characters."""
        label = str(getattr(self.instance, f"get_{self.subject_field}_display")())
        return label[:1].lower() + label[1:]

    def category(self) -> Category:
        """The official category of the appeal; staff may correct it."""
        return Category.APPEAL_OTHER

    def repeat_of(self) -> ServiceRequest | None:
        """The earlier request that this one repeats, if the consumer said so."""
        return None

    def is_anonymous(self) -> bool:
        """Does the consumer want not to be named? Then the request carries nothing that names them."""
        return False

    def is_urgent(self) -> bool:
        """Is somebody in danger there now?"""
        return False

    def content_hash(self) -> str:
        """The same for two sendings of the same answers, files aside: the guard against duplicates compares it."""
        names = [name for name in self.fields if name not in ("submission_key", "files")]
        answers = {name: _plain(self.cleaned_data.get(name)) for name in names}
        text = json.dumps([self._meta.model._meta.label, answers], sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()

    def first_step(self) -> str:
        """The name of the step that the portal itself takes at once; empty when people have to look first."""
        return ""

    def save_detail(self, service_request: ServiceRequest) -> RequestDetail:
        """
        Store the typed row of the service for the request just registered, and what else belongs to it. Raises
        `CannotBeSent` to undo the sending; the page comes back with everything that was typed.
        """
        detail: RequestDetail = self.instance
        detail.service_request = service_request
        detail.save(force_insert=True)
        self._save_m2m()  # type: ignore[attr-defined]  # of ModelForm, not in its types
        return detail


def _plain(answer: Any) -> Any:
    """What stands for an answer in the hash: a row by its key, several rows by theirs."""
    if isinstance(answer, models.QuerySet):
        return sorted(str(pk) for pk in answer.values_list("pk", flat=True))
    return answer.pk if isinstance(answer, models.Model) else answer
