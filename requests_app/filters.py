"""What a consumer may narrow the list of requests by: an allow-list, so an address can ask for nothing else."""

from django import forms
from django.db.models import Q

from requests_app import numbers, services
from requests_app.lifecycle import FINAL_STATUSES, Status
from requests_app.models.request import ServiceRequestQuerySet

# The consumer's words for groups of statuses.
GROUPS: dict[str, tuple[str, list[Status]]] = {
    "waiting": ("Ждут вас", [Status.AWAITING_CONSUMER, Status.ANSWERED]),
    "open": ("В работе у нас", [Status.REGISTERED, Status.IN_PROGRESS]),
    "final": ("Завершённые", FINAL_STATUSES),
}


class RequestFilter(forms.Form):
    q = forms.CharField(label="Номер или слово", max_length=100, required=False, widget=forms.TextInput(attrs={"type": "search"}))
    status = forms.ChoiceField(label="Статус", required=False)
    service = forms.ChoiceField(label="Услуга", required=False)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        groups = [(name, label) for name, (label, _) in GROUPS.items()]
        self.fields["status"].choices = [("", "Все"), *groups]  # type: ignore[attr-defined]
        self.fields["service"].choices = [("", "Все"), *services.choices()]  # type: ignore[attr-defined]

    @property
    def is_used(self) -> bool:
        return self.is_valid() and any(self.cleaned_data.values())

    def apply(self, requests: ServiceRequestQuerySet) -> ServiceRequestQuerySet:
        """Narrow `requests`; a choice that does not exist narrows nothing."""
        self.is_valid()
        if self.cleaned_data.get("status"):
            requests = requests.filter(status__in=GROUPS[self.cleaned_data["status"]][1])
        if self.cleaned_data.get("service"):
            requests = requests.filter(service=self.cleaned_data["service"])
        if self.cleaned_data.get("q"):
            requests = requests.filter(_matches(self.cleaned_data["q"]))
        return requests


def _matches(typed: str) -> Q:
    number = numbers.parse(typed)
    if number:
        return Q(number=number)
    # SQLite compares Cyrillic letters with their case, so both usual spellings are tried
    words = {typed, typed.lower(), typed.capitalize()}
    found = Q(number__contains=typed)
    for word in words:
        for field in ("subject", "object_address", "contract_number"):
            found |= Q(**{f"{field}__icontains": word})
    return found
