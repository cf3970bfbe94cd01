"""Canned replies as one request fills them in."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone

from accounts.models import LegalForm, User
from requests_app import placeholders
from requests_app.dates import full_day
from requests_app.models import CannedReply, ServiceRequest


@dataclass(frozen=True)
class Reply:
    """A canned reply for one request: `text` is what goes into the answer, `missing` what stands there without a value."""

    pk: int
    title: str
    text: str
    missing: list[str]

    @property
    def warning(self) -> str:
        """What to look at before it is sent; empty when everything was found."""
        return missing_in_words(self.missing)


def offered(service_request: ServiceRequest, *, by: User) -> list[Reply]:
    """The replies that may be chosen for this request, filled in for it; one query."""
    values = values_of(service_request, by=by)
    found = []
    for reply in CannedReply.objects.for_service(service_request.service):
        filled = placeholders.fill(reply.text, values)
        found.append(Reply(reply.pk, reply.title, filled.text, filled.missing))
    return found


def values_of(service_request: ServiceRequest, *, by: User) -> dict[str, str]:
    """
    What stands for each placeholder; empty where the request has nothing. Of a hidden reporter nothing is told, and an
    e-mail address never stands for a colleague's name.
    """
    is_promised = service_request.is_open and service_request.kind.life.promises_answer
    writer = service_request.assignee or by
    return {
        "номер": service_request.number,
        "имя": "" if service_request.is_anonymous else _first_names(service_request),
        "заявитель": "" if service_request.is_anonymous else service_request.applicant_name,
        "услуга": service_request.kind.noun,
        "предмет": service_request.subject,
        "срок": full_day(service_request.due_on) if is_promised else "",
        "дата": full_day(timezone.localdate()),
        "договор": service_request.contract_number,
        "адрес": service_request.object_address,
        "исполнитель": writer.name,
    }


def missing_in_words(words: list[str]) -> str:
    """«Нет значения для {договор}: впишите сами или уберите.»"""
    if not words:
        return ""
    listed = ", ".join(f"{{{word}}}" for word in words)
    return f"В\N{NO-BREAK SPACE}заявке нет значения для {listed}: впишите сами или уберите."


def _first_names(service_request: ServiceRequest) -> str:
    """«Николай Петрович» of «Самойлов Николай Петрович» or «ИП …»; a company has none."""
    if service_request.applicant_legal_form == LegalForm.COMPANY:
        return ""
    _, _, names = service_request.applicant_name.removeprefix("ИП ").partition(" ")
    return names
