"""A sole trader (ИП), known by ОГРНИП."""

from accounts.fields import IdentifierField
from accounts.identifiers import parse_ogrnip
from accounts.legal_forms.base import LegalFormKind, PersonRegistrationForm
from accounts.models import LegalForm


class SoleTraderForm(PersonRegistrationForm):
    legal_form = LegalForm.SOLE_TRADER

    ogrnip = IdentifierField(label="ОГРНИП", parse=parse_ogrnip, help_text="Формат: 15 цифр")


LEGAL_FORM = LegalFormKind(
    slug="sole-trader",
    legal_form=LegalForm.SOLE_TRADER,
    needs="Понадобится ОГРНИП",
    page_title="Регистрация индивидуального предпринимателя",
    where_to_find=("Где взять ОГРНИП", "В листе записи или в выписке из ЕГРИП: её выдаёт налоговая служба."),
    icon="sole-trader",
    form_class=SoleTraderForm,
    profile_fields=("last_name", "first_name", "middle_name", "phone"),
    example={
        "ogrnip": "304500116000157",
        "last_name": "Гринько",
        "first_name": "Тамара",
        "middle_name": "Ильинична",
        "phone": "+7 928 765-43-21",
    },
)
