"""Russian grammar in templates: {% load russian %}."""

from django import template
from django.core.exceptions import NON_FIELD_ERRORS
from django.forms import BaseForm

from rsmportal import russian

register = template.Library()


@register.filter
def counted(count: int, forms: str) -> str:
    """{{ 23|counted:"заявка,заявки,заявок" }} → «23 заявки»."""
    one, few, many = forms.split(",")
    return russian.counted(count, one, few, many)


@register.filter
def fields_to_fix(form: BaseForm) -> str:
    """«одно поле», «два поля»: how many fields of `form` hold an error; empty when only the form as a whole does."""
    count = sum(name != NON_FIELD_ERRORS for name in form.errors)
    noun = russian.plural(count, "поле", "поля", "полей")
    return f"{russian.neuter_in_words(count)} {noun}" if count else ""


@register.filter
def with_error(label: str, error: str) -> str:
    """{{ field.label|with_error:error }} → «Код: заполните это поле.»"""
    return russian.label_and_error(str(label), str(error))
