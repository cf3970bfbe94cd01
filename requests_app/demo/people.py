"""Three consumers and staff of every group. Every identifier is public or made up."""

from dataclasses import dataclass

from django.contrib.auth.models import Group
from django.utils import timezone

from accounts import consent, legal_forms
from accounts.models import Consumer, LegalForm, User

PASSWORD = "demo-portal-2026"
OPERATOR = "operator@example.org"
SUPERVISOR = "supervisor@example.org"
INSPECTOR = "inspector@example.org"


@dataclass(frozen=True)
class Colleague:
    email: str
    name: str
    group: str = ""


STAFF = (
    Colleague(OPERATOR, "Марина Олеговна, оператор", "Оператор"),
    Colleague(SUPERVISOR, "Андрей Викторович, руководитель", "Руководитель"),
    Colleague(INSPECTOR, "Виктор Павлович, контролёр", "Контролёр"),
    Colleague("dpo@example.org", "Ольга Сергеевна, защита данных", "Ответственный за персональные данные"),
    Colleague("editor@example.org", "Илья Романович, редактор", "Редактор"),
    Colleague("admin@example.org", "Администратор"),
)
CONSUMERS = {
    "person@example.org": LegalForm.PERSON,
    "sole-trader@example.org": LegalForm.SOLE_TRADER,
    "company@example.org": LegalForm.COMPANY,
}
_COMPANY_CONTACTS = {
    "organisation": "ООО «Вега»",
    "contact_name": "Ковалёва Ирина Павловна",
    "phone": "+78632503102",
}


def make_staff() -> None:
    """Create who is missing; the one without a group is the superuser."""
    for colleague in STAFF:
        if User.objects.filter(email=colleague.email).exists():
            continue
        user = User.objects.create_user(
            colleague.email,
            PASSWORD,
            name=colleague.name,
            is_staff=True,
            is_superuser=not colleague.group,
            email_confirmed_at=timezone.now(),
        )
        if colleague.group:
            user.groups.add(Group.objects.get(name=colleague.group))


def make_consumers() -> None:
    """Create who is missing, with the agreement accepted."""
    for email, legal_form in CONSUMERS.items():
        if not User.objects.filter(email=email).exists():
            user = User.objects.create_user(email, PASSWORD, email_confirmed_at=timezone.now())
            _consumer(legal_form, user).save(force_insert=True)
            required = [document.pk for purpose, document in consent.documents().items() if purpose != "news"]
            acceptance = consent.Acceptance(document_ids=required, at=timezone.now(), ip=None, user_agent="demo")
            consent.record(user, acceptance)


def _consumer(legal_form: LegalForm, user: User) -> Consumer:
    kind = legal_forms.get(legal_form)
    answers = dict(kind.example)
    if legal_form == LegalForm.COMPANY:
        answers |= _COMPANY_CONTACTS
    consumer = Consumer(user=user, legal_form=legal_form)
    for name, value in answers.items():
        setattr(consumer, name, _digits(value) if name == "snils" else value)
    return consumer


def _digits(value: str) -> str:
    return "".join(filter(str.isdigit, value))
