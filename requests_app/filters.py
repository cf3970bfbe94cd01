"""What a consumer may narrow the list of requests by: an allow-list, so an address can ask for nothing else."""

import re

from django import forms
from django.db.models import Q

from requests_app import numbers, services
from requests_app.lifecycle import FINAL_STATUSES, Status
from requests_app.models.request_queryset import ServiceRequestQuerySet

# The consumer's words for groups of statuses.
GROUPS: dict[str, tuple[str, list[Status]]] = {
    "waiting": ("Ждут вашего ответа", [Status.AWAITING_CONSUMER]),
    "open": ("В\N{NO-BREAK SPACE}работе у\N{NO-BREAK SPACE}нас", [Status.REGISTERED, Status.IN_PROGRESS]),
    "answered": ("Ответ готов", [Status.ANSWERED]),
    "final": ("Завершённые", FINAL_STATUSES),
}

_SEARCHED = ("subject", "object_address", "contract_number")


class RequestFilter(forms.Form):
    mark_optional = False

    q = forms.CharField(
        label="Номер, тема или адрес",
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    status = forms.ChoiceField(
        label="Статус", required=False, choices=[("", "Все"), *((name, label) for name, (label, _) in GROUPS.items())]
    )
    service = forms.ChoiceField(label="Услуга", required=False, choices=lambda: [("", "Все"), *services.choices()])

    @property
    def is_used(self) -> bool:
        """Was anything asked for, also what cannot be found?"""
        return any(self.data.get(name) for name in self.fields)

    def apply(self, requests: ServiceRequestQuerySet) -> ServiceRequestQuerySet:
        """Narrow `requests` by what is valid; the page says what is not."""
        self.is_valid()
        chosen = self.cleaned_data
        if chosen.get("status"):
            requests = requests.filter(status__in=GROUPS[chosen["status"]][1])
        if chosen.get("service"):
            requests = requests.filter(service=chosen["service"])
        if chosen.get("q"):
            requests = requests.filter(_matches(chosen["q"]))
        return requests


def _matches(typed: str) -> Q:
    """By number when it is one, else by a part of what the list shows; «учет» finds «учёт»."""
    number = numbers.parse(typed)
    if number:
        return Q(number=number)
    # a regular expression, because SQLite compares Cyrillic letters with their case in every other look-up
    pattern = re.sub("[её]", "[её]", re.escape(typed), flags=re.IGNORECASE)
    kinds = [slug for slug, noun in services.choices() if re.search(pattern, noun, re.IGNORECASE)]
    found = Q(number__contains=typed) | Q(service__in=kinds)
    for field in _SEARCHED:
        found |= Q(**{f"{field}__iregex": pattern})
    return found
