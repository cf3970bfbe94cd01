from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.core.validators import MinLengthValidator
from django.db import models
from django.utils import timezone
from django.utils.formats import date_format, localize
from phonenumber_field.phonenumber import PhoneNumber

from accounts.fields import format_phone
from requests_app.lifecycle import Transition

if TYPE_CHECKING:
    from accounts.models import User

# Our rule: a question or a story shorter than this cannot be answered.
ENOUGH_SAID = MinLengthValidator(10, "Напишите подробнее: хотя бы 10 знаков.")


@dataclass(frozen=True)
class Row:
    """One answer of a form as people read it."""

    label: str
    value: str


class RequestDetail(models.Model):
    """What was asked, typed: one table per service, one row per request."""

    service_request = models.OneToOneField(
        "requests_app.ServiceRequest", on_delete=models.CASCADE, primary_key=True, verbose_name="заявка"
    )

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.service_request)

    def rows(self) -> Iterator[Row]:
        """
        Every answer that was given, in the order of the fields: for the page, the admin, mail and print. What is not
        `editable` is our own bookkeeping and no answer.
        """
        yield from rows_of(
            self, [field.name for field in self._meta.fields if field.editable and not field.primary_key]
        )

    def may_take(self, step: Transition, *, by: User) -> bool:
        """A condition of the service's own on a step that the life of the request allows `by`: a cut-off, a right."""
        return True

    def after(self, step: Transition, *, by: User) -> None:
        """Bring the service's own rows in step with the request, which is locked, in the transaction of the step."""

    def what_next(self) -> str:
        """What the consumer is told in place of the words that the life has for the state; empty: those."""
        return ""

    def addresses(self) -> Iterable[str]:
        """The addresses that the service itself asks for: other requests about them are found by these."""
        return ()

    def serials(self) -> Iterable[str]:
        """The same for the serial numbers of meters."""
        return ()

    def letter_files(self) -> Mapping[str, str]:
        """Name → text of the small files that go along with the letters about registration and steps."""
        return {}


def rows_of(instance: models.Model, names: Iterable[str]) -> Iterator[Row]:
    """What stands in the fields `names`, in words; what was not answered is left out."""
    for name in names:
        field = instance._meta.get_field(name)
        value = _displayed(instance, field)
        if value:
            label = str(getattr(field, "verbose_name", name))
            yield Row(label[:1].upper() + label[1:], value)


def _displayed(instance: models.Model, field: Any) -> str:
    """The value in words; empty when nothing was answered. A tick that was not set is no answer, a zero is one."""
    value = getattr(instance, field.attname)
    if value is None or value is False or value == "":
        return ""
    if field.choices:
        return str(getattr(instance, f"get_{field.name}_display")())
    if field.is_relation:
        return str(getattr(instance, field.name))
    return _in_words(value)


def _in_words(value: Any) -> str:
    if value is True:
        return "да"
    if isinstance(value, datetime):
        return date_format(timezone.localtime(value), "j E Y, H:i")
    if isinstance(value, date):
        return date_format(value, "j E Y")
    if isinstance(value, PhoneNumber):
        return format_phone(value)
    return str(localize(value))
