"""Forms of people who have an account."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm

from accounts import legal_forms
from accounts.fields import ConsumerPhoneField, PersonNameField
from accounts.models import Consumer


class AgreementForm(forms.Form):
    accept = forms.BooleanField(
        label="Даю согласие на обработку персональных данных для регистрации и рассмотрения обращений",
        help_text="Без него кабинет открыть нельзя",
        error_messages={"required": "Поставьте отметку, чтобы продолжить, или вернитесь на главную страницу."},
    )
    news = forms.BooleanField(
        label="Хочу получать новости компании по электронной почте", help_text="По желанию", required=False
    )


class LoginForm(AuthenticationForm):
    username = forms.CharField(
        label="Email, ИНН, ОГРНИП или СНИЛС",
        max_length=254,
        help_text="Пробелы и дефисы можно не ставить",
        widget=forms.TextInput(
            attrs={
                "autocomplete": "username",
                "autocapitalize": "none",
                "spellcheck": "false",
                "class": "input-medium",
            }
        ),
    )
    remember = forms.BooleanField(
        label="Запомнить меня", help_text="На 30 дней. Не ставьте на чужом компьютере", required=False
    )
    error_messages = {
        "invalid_login": (
            "Логин или пароль не подходят. Проверьте раскладку клавиатуры. Если вошли по номеру, попробуйте email: "
            "один номер может быть у нескольких кабинетов."
        ),
        "inactive": "Этот кабинет закрыт. Позвоните нам, если это ошибка.",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        password = self.fields["password"]
        password.label = "Пароль"
        password.widget = forms.PasswordInput(attrs={"autocomplete": "current-password", "class": "input-medium"})


class PasswordResetForm(forms.Form):
    email = forms.EmailField(
        label="Ваш email",
        max_length=254,
        help_text="Тот, с которым вы регистрировались",
        widget=forms.EmailInput(attrs={"autocomplete": "email", "class": "input-medium"}),
    )


class ProfileForm(forms.ModelForm[Consumer]):
    """What the consumer may change: names and telephone. Identifiers are changed by staff, after a check."""

    last_name = PersonNameField(label="Фамилия")
    first_name = PersonNameField(label="Имя")
    middle_name = PersonNameField(label="Отчество", required=False)
    contact_name = PersonNameField(label="Контактное лицо", max_length=255, help_text="Кому отвечать")
    phone = ConsumerPhoneField(label="Номер телефона")

    class Meta:
        model = Consumer
        fields = ["last_name", "first_name", "middle_name", "organisation", "contact_name", "phone"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].required = True
        allowed = legal_forms.get(self.instance.legal_form).profile_fields
        for name in [name for name in self.fields if name not in allowed]:
            del self.fields[name]
