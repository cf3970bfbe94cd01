"""What forms say of an empty field, in one place, instead of Django's «Обязательное поле.». A form may say it better."""

from django import forms

EMPTY: dict[type[forms.Field], str] = {
    forms.Field: "Заполните это поле.",
    forms.ChoiceField: "Выберите один из вариантов.",
    forms.ModelChoiceField: "Выберите один из вариантов.",
    forms.MultipleChoiceField: "Отметьте хотя бы один вариант.",
    forms.BooleanField: "Поставьте отметку.",
    forms.FileField: "Приложите файл.",
}


def install() -> None:
    """Give the texts to Django's own field classes, from which every other field takes them."""
    for field_class, text in EMPTY.items():
        field_class.default_error_messages = {**field_class.default_error_messages, "required": text}
