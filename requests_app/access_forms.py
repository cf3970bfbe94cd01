"""The form by which a consumer asks for access to a supply point."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from requests_app.forms import FilesForm
from requests_app.supply_keys import contract_key, serial_key


class AccessForm(FilesForm, forms.Form):
    """
    Contract and meter, or contract and a document, or all of it. Whether there are such a contract and meter is not looked up here:
    the form must not answer that.
    """

    contract_number = forms.CharField(
        label="Номер договора",
        max_length=60,
        help_text="Как в\N{NO-BREAK SPACE}договоре или в\N{NO-BREAK SPACE}счёте, например ТП-2019/114",
        widget=forms.TextInput(attrs={"autocomplete": "off", "class": "input-medium"}),
    )
    meter_serial = forms.CharField(
        label="Номер счётчика",
        max_length=40,
        required=False,
        help_text="Заводской, с\N{NO-BREAK SPACE}лицевой панели. Если его не\N{NO-BREAK SPACE}узнать, приложите документ",
        widget=forms.TextInput(attrs={"autocomplete": "off", "class": "input-digits input-medium"}),
    )
    address = forms.CharField(
        label="Адрес объекта",
        max_length=300,
        required=False,
        help_text="Поможет найти нужный, если по\N{NO-BREAK SPACE}договору их несколько",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        files = self.fields["files"]
        files.label = "Документ на\N{NO-BREAK SPACE}объект"
        files.help_text = f"Договор, выписка из\N{NO-BREAK SPACE}ЕГРН, доверенность. {files.help_text}"

    def clean_contract_number(self) -> str:
        typed = " ".join(str(self.cleaned_data["contract_number"]).split())
        if not any(char.isalnum() for char in contract_key(typed)):
            raise ValidationError("Напишите номер договора: в\N{NO-BREAK SPACE}нём есть цифры.", code="no_digits")
        return typed

    def clean_meter_serial(self) -> str:
        typed = " ".join(str(self.cleaned_data["meter_serial"]).split())
        if typed and not serial_key(typed):
            raise ValidationError("Напишите номер счётчика: в\N{NO-BREAK SPACE}нём есть цифры.", code="no_digits")
        return typed

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        has_proof = cleaned.get("meter_serial") or self.good_files or self.kept_files
        if not has_proof and not {"meter_serial", "files"} & set(self.errors):
            message = "Напишите номер счётчика или приложите документ на\N{NO-BREAK SPACE}объект."
            self.add_error("meter_serial", ValidationError(message, code="required"))
        return cleaned
