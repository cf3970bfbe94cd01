"""A person, known by СНИЛС."""

from accounts.fields import IdentifierField
from accounts.identifiers import parse_snils
from accounts.legal_forms.base import LegalFormKind, PersonRegistrationForm
from accounts.models import LegalForm


class PersonForm(PersonRegistrationForm):
    legal_form = LegalForm.PERSON

    snils = IdentifierField(label="СНИЛС", parse=parse_snils, help_text="Формат: 11 цифр")


LEGAL_FORM = LegalFormKind(
    slug="person",
    legal_form=LegalForm.PERSON,
    needs="Понадобится СНИЛС",
    page_title="Регистрация физического лица",
    where_to_find=(
        "Где взять СНИЛС",
        "На зелёной карточке или в уведомлении о регистрации, а ещё в профиле на Госуслугах.",
    ),
    icon="person",
    form_class=PersonForm,
    profile_fields=("last_name", "first_name", "middle_name", "phone"),
    example={
        "snils": "112-233-445 95",
        "last_name": "Самойлов",
        "first_name": "Николай",
        "middle_name": "Петрович",
        "phone": "8 (928) 123-45-67",
    },
)
