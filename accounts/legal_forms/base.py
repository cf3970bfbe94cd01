"""What a legal form is, and the registration form that each of them builds on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from accounts.captcha import CaptchaForm
from accounts.fields import ConsumerPhoneField, PersonNameField
from accounts.forms import AgreementForm, NewPasswordField, name_input
from accounts.limits import REGISTRATIONS
from accounts.models import Consumer, LegalForm, User


@dataclass(frozen=True, kw_only=True)
class LegalFormKind:
    """One way to be a consumer. Declared at the end of its module, listed in `legal_forms.LEGAL_FORMS`."""

    slug: str
    legal_form: LegalForm
    needs: str  # «Понадобится СНИЛС»
    page_title: str  # «Регистрация физического лица»
    where_to_find: tuple[str, str]  # heading and text beside the form
    icon: str
    form_class: type[RegistrationForm]
    profile_fields: tuple[str, ...]  # what the consumer may change later
    example: Mapping[str, Any] = field(default_factory=dict)  # valid form data: documentation that tests and demo use

    @property
    def title(self) -> str:
        return str(self.legal_form.label)


class RegistrationForm(AgreementForm, CaptchaForm):
    """E-mail, password and «Я не робот»; a legal form adds its own fields in front."""

    legal_form: ClassVar[LegalForm]
    limit = REGISTRATIONS

    email = forms.EmailField(
        label="Ваш email",
        max_length=254,
        help_text="По\N{NO-BREAK SPACE}нему вы будете входить и\N{NO-BREAK SPACE}получать ответы",
        widget=forms.EmailInput(attrs={"autocomplete": "email", "class": "input-medium"}),
    )
    password = NewPasswordField(label="Пароль")

    first_fields: ClassVar[list[str]] = ["snils", "ogrnip", "inn", "ogrn"]
    last_fields: ClassVar[list[str]] = ["email", "phone", "password", "accept", "news", "captcha"]

    def __init__(self, *args: Any, agreed: bool, **kwargs: Any) -> None:
        """`agreed`: the agreement page was passed; otherwise its ticks are asked for here, so nothing typed is lost."""
        super().__init__(*args, **kwargs)
        if agreed:
            del self.fields["accept"], self.fields["news"]
        between = [name for name in self.fields if name not in self.last_fields + self.first_fields]
        self.order_fields([*self.first_fields, *between, *self.last_fields])
        self.email_is_known = False

    @property
    def asks_agreement(self) -> bool:
        return "accept" in self.fields

    @property
    def own_fields(self) -> list[forms.BoundField]:
        """What the page draws one after another: all but the agreement's ticks and the captcha."""
        return [field for field in self if field.name not in {"accept", "news", "captcha"}]

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password, user=User(email=self.cleaned_data.get("email", "")))
        return password

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        # That an address is known is told only behind the captcha.
        if "captcha" in cleaned and User.objects.filter(email=cleaned.get("email", "")).exists():
            self.refuse_known_email()
        return cleaned

    def refuse_known_email(self) -> None:
        """Say that the address is taken; the page then shows the links to login and reset."""
        self.email_is_known = True
        message = "Этот email уже зарегистрирован. Войдите с\N{NO-BREAK SPACE}ним или задайте новый пароль."
        self.add_error("email", ValidationError(message, code="known"))

    def consumer(self) -> Consumer:
        """The valid answers as an unsaved consumer, without its user."""
        consumer = Consumer(legal_form=self.legal_form)
        for name in ("last_name", "first_name", "middle_name", "organisation", "contact_name"):
            setattr(consumer, name, self.cleaned_data.get(name, ""))
        for name in ("snils", "ogrnip", "inn", "ogrn", "phone"):
            if self.cleaned_data.get(name):
                setattr(consumer, name, self.cleaned_data[name])
        return consumer


class PersonRegistrationForm(RegistrationForm):
    """Of somebody with a surname, a name and a telephone: a person or a sole trader."""

    last_name = PersonNameField(label="Фамилия", widget=name_input("family-name"))
    first_name = PersonNameField(label="Имя", widget=name_input("given-name"))
    middle_name = PersonNameField(label="Отчество", required=False, widget=name_input("additional-name"))
    phone = ConsumerPhoneField(label="Номер телефона")
