"""The agreement, login, password and profile. Registration is a form per legal form: `legal_forms/`."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import QueryDict

from accounts import consent
from accounts.fields import ConsumerPhoneField, OrganisationField, PersonNameField
from accounts.models import Consumer, User


def name_input(autocomplete: str) -> forms.TextInput:
    """The control of a surname, a name or a patronymic."""
    return forms.TextInput(attrs={"autocomplete": autocomplete, "class": "input-medium"})


class AgreementForm(forms.Form):
    """
    The two ticks of the agreement. Its page also sends `shown`, the mark of the texts that were on it: when a new
    version came out meanwhile, that one is shown and its tick asked for, with the code `outdated`.
    """

    accept = forms.BooleanField(
        label="Даю согласие на обработку персональных данных для регистрации и рассмотрения обращений",
        help_text="Без него кабинет открыть нельзя",
        error_messages={"required": "Поставьте отметку: без согласия кабинет открыть нельзя."},
    )
    news = forms.BooleanField(
        label="Хочу получать новости компании по электронной почте", help_text="По желанию", required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.documents = consent.documents()

    @property
    def shown(self) -> str:
        return consent.mark_of(self.documents)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "accept" in cleaned and self.data.get("shown", self.shown) != self.shown:
            self._ask_again()
        return cleaned

    def _ask_again(self) -> None:
        message = "Пока вы читали, вышла новая редакция. Прочитайте её и поставьте отметку ещё раз."
        self.add_error("accept", ValidationError(message, code="outdated"))
        data = QueryDict(mutable=True)
        data.update(self.data)
        del data["accept"]  # the new text wants a tick of its own
        self.data = data


class LoginForm(AuthenticationForm):
    username = forms.CharField(
        label="Email, ИНН, ОГРНИП или СНИЛС",
        max_length=254,
        help_text="Пробелы и\N{NO-BREAK SPACE}дефисы можно не\N{NO-BREAK SPACE}ставить",
        widget=forms.TextInput(
            attrs={
                "autocomplete": "username",
                "autocapitalize": "none",
                "spellcheck": "false",
                "class": "input-medium",
            }
        ),
    )
    password = forms.CharField(
        label="Пароль",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "class": "input-medium"}),
    )
    remember = forms.BooleanField(
        label="Запомнить меня",
        help_text="На\N{NO-BREAK SPACE}30\N{NO-BREAK SPACE}дней. Не\N{NO-BREAK SPACE}ставьте на\N{NO-BREAK SPACE}чужом компьютере",
        required=False,
    )
    mark_optional = False  # the tick is plainly a choice

    error_messages = AuthenticationForm.error_messages | {
        "invalid_login": (
            "Логин или пароль не\N{NO-BREAK SPACE}подходят. Проверьте раскладку клавиатуры. Если входили по\N{NO-BREAK SPACE}номеру, "
            "попробуйте email: один номер может быть у\N{NO-BREAK SPACE}нескольких кабинетов."
        ),
    }


# -- Password -------------------------------------------------------------------------------------------------------


class NewPasswordField(forms.CharField):
    """A password that somebody thinks up now. The form checks it with `validate_password`, which needs its user."""

    def __init__(self, *, label: str = "Новый пароль") -> None:
        super().__init__(
            label=label,
            max_length=200,
            strip=False,
            help_text="Не\N{NO-BREAK SPACE}короче 10\N{NO-BREAK SPACE}знаков. Запомните его: он нужен для входа",
            widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "class": "input-medium"}),
        )


class PasswordResetForm(forms.Form):
    email = forms.EmailField(
        label="Ваш email",
        max_length=254,
        help_text="Тот, с\N{NO-BREAK SPACE}которым вы регистрировались",
        widget=forms.EmailInput(attrs={"autocomplete": "email", "class": "input-medium"}),
    )


class NewPasswordForm(forms.Form):
    """A new password for `user`, typed once: it can be looked at."""

    new_password = NewPasswordField()

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_new_password(self) -> str:
        password: str = self.cleaned_data["new_password"]
        validate_password(password, user=self.user)
        return password

    def save(self) -> User:
        """Store the password; that ends every other session of the user."""
        self.user.set_password(self.cleaned_data["new_password"])
        self.user.save(update_fields=["password"])
        return self.user


class PasswordChangeForm(NewPasswordForm):
    old_password = forms.CharField(
        label="Нынешний пароль",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "class": "input-medium"}),
    )
    field_order = ["old_password", "new_password"]

    def clean_old_password(self) -> str:
        password: str = self.cleaned_data["old_password"]
        if not self.user.check_password(password):
            raise ValidationError("Пароль не\N{NO-BREAK SPACE}подходит. Проверьте раскладку клавиатуры.", code="wrong")
        return password


# -- The second step of the login of staff ---------------------------------------------------------------------------


class CodeForm(forms.Form):
    """A code of the application, or one for recovery. Whether it fits, the view finds out: that uses it up."""

    code = forms.CharField(
        label="Код",
        max_length=40,
        help_text="Шесть цифр из\N{NO-BREAK SPACE}приложения или двенадцать цифр кода восстановления",
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "inputmode": "numeric",
                "spellcheck": "false",
                "class": "input-medium",
            }
        ),
    )

    def refuse(self) -> None:
        message = (
            "Код не\N{NO-BREAK SPACE}подходит. Каждый код срабатывает один раз: дождитесь следующего и\N{NO-BREAK SPACE}проверьте, "
            "что время на\N{NO-BREAK SPACE}телефоне верное."
        )
        self.add_error("code", ValidationError(message, code="wrong"))


class FirstCodeForm(CodeForm):
    """The first code of a device that is being connected."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].help_text = "Шесть цифр, которые показывает приложение"


class PasswordAndCodeForm(CodeForm):
    """Before the second step itself is changed, both steps are asked for once more."""

    password = forms.CharField(
        label="Пароль",
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "class": "input-medium"}),
    )
    field_order = ["password", "code"]


class ReasonForm(forms.Form):
    """Why an administrator does it; the words stay in the history."""

    reason = forms.CharField(
        label="Причина",
        max_length=500,
        help_text="Как вы узнали, что просит сам сотрудник. Останется в\N{NO-BREAK SPACE}истории",
        widget=forms.Textarea(attrs={"rows": 3}),
    )


# -- Profile --------------------------------------------------------------------------------------------------------


class ProfileForm(forms.ModelForm[Consumer]):
    """What the consumer may change, by legal form: names and telephone. Identifiers are not among it."""

    last_name = PersonNameField(label="Фамилия", widget=name_input("family-name"))
    first_name = PersonNameField(label="Имя", widget=name_input("given-name"))
    middle_name = PersonNameField(label="Отчество", required=False, widget=name_input("additional-name"))
    organisation = OrganisationField(label="Название организации")
    contact_name = PersonNameField(label="Контактное лицо", max_length=255, help_text="Кому отвечать")
    phone = ConsumerPhoneField(label="Номер телефона")

    class Meta:
        model = Consumer
        fields = ["last_name", "first_name", "middle_name", "organisation", "contact_name", "phone"]

    def __init__(self, *args: Any, allowed: tuple[str, ...], **kwargs: Any) -> None:
        """`allowed`: `LegalFormKind.profile_fields`."""
        super().__init__(*args, **kwargs)
        self.fields = {name: self.fields[name] for name in allowed}
