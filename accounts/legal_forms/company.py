"""A company, known by ИНН and ОГРН. The guide asks for no more, so the rest is offered and asked for later."""

from django import forms

from accounts.fields import ConsumerPhoneField, IdentifierField, OrganisationField, PersonNameField
from accounts.identifiers import parse_company_inn, parse_ogrn
from accounts.legal_forms.base import LegalFormKind, RegistrationForm
from accounts.models import LegalForm


class CompanyForm(RegistrationForm):
    legal_form = LegalForm.COMPANY

    inn = IdentifierField(label="ИНН", parse=parse_company_inn, help_text="Формат: 10 цифр")
    ogrn = IdentifierField(label="ОГРН", parse=parse_ogrn, help_text="Формат: 13 цифр")
    organisation = OrganisationField(
        label="Название организации", required=False, widget=forms.TextInput(attrs={"autocomplete": "organization"})
    )
    contact_name = PersonNameField(
        label="Контактное лицо",
        max_length=255,
        required=False,
        help_text="Кому отвечать: фамилия, имя, отчество",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    phone = ConsumerPhoneField(label="Номер телефона", required=False)


LEGAL_FORM = LegalFormKind(
    slug="company",
    legal_form=LegalForm.COMPANY,
    needs="Понадобятся ИНН и\N{NO-BREAK SPACE}ОГРН",
    page_title="Регистрация юридического лица",
    where_to_find=(
        "Где взять ИНН и ОГРН",
        "В выписке из ЕГРЮЛ, в карточке предприятия или на печати организации.",
    ),
    icon="company",
    form_class=CompanyForm,
    profile_fields=("organisation", "contact_name", "phone"),
    example={"inn": "6166000060", "ogrn": "1026100000080"},
)
