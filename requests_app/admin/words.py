"""How the desk words a request: its status, what is left of the term, who handles it."""

from datetime import date

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.models import User
from requests_app.codes import Outcome
from requests_app.dates import day_in_words
from requests_app.models import ServiceRequest
from rsmportal.russian import counted

_SOON = 2  # days: from here on the term is marked


def status_badge(service_request: ServiceRequest) -> SafeString:
    """The breaker and the word: «Ждём заявителя» where the consumer reads «Ждём ваш ответ»."""
    status = service_request.status
    label = service_request.kind.life.staff_label(status)
    return format_html('<span class="status" data-status="{}">{}</span>', status, label)


def due_badge(service_request: ServiceRequest, *, today: date) -> SafeString:
    """The day of the answer, and under it how it stands with it: by word, sign and colour."""
    day = day_in_words(service_request.due_on, today=today)
    note, mark = _due_note(service_request, today)
    return format_html('<span class="due" data-due="{}">{} <small>{}</small></span>', mark, day, note)


def colleague(user: User | None) -> str:
    """«Марина Олеговна, оператор»; a colleague without a name goes by the e-mail, nobody is a dash."""
    return (user.name or user.email) if user else "—"


def told_how(service_request: ServiceRequest, *, written: str) -> str:
    """What becomes of a text for the applicant: `written`, or who has no cabinet hears it from a colleague."""
    if service_request.owner_id:
        return written
    letter = (
        "На\N{NO-BREAK SPACE}email уйдёт только номер и\N{NO-BREAK SPACE}новость."
        if service_request.applicant_email
        else ""
    )
    by_hand = "Кабинета у\N{NO-BREAK SPACE}заявителя нет: передайте текст сами."
    return f"{by_hand} {letter}".strip()


def _due_note(service_request: ServiceRequest, today: date) -> tuple[str, str]:
    if service_request.is_open:
        days = (service_request.due_on - today).days
        return _days_in_words(days), "late" if days < 0 else "soon" if days <= _SOON else ""
    if service_request.outcome == Outcome.IN_TIME:
        return "ответили в\N{NO-BREAK SPACE}срок", ""
    if service_request.outcome == Outcome.LATE:
        return "ответили с\N{NO-BREAK SPACE}опозданием", ""
    closed_on = timezone.localdate(service_request.closed_at)
    return f"завершена {day_in_words(closed_on, today=today)}", ""


def _days_in_words(days: int) -> str:
    if days < 0:
        return f"просрочено на\N{NO-BREAK SPACE}{counted(-days, 'день', 'дня', 'дней')}"
    return {0: "сегодня", 1: "завтра"}.get(days) or counted(days, "день", "дня", "дней")
