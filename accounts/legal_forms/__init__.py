"""The legal forms in the order of the first page. Each is a module of the same pattern."""

from django.http import Http404

from accounts.legal_forms import company, person, sole_trader
from accounts.legal_forms.base import LegalFormKind
from accounts.models import LegalForm

LEGAL_FORMS: tuple[LegalFormKind, ...] = (person.LEGAL_FORM, sole_trader.LEGAL_FORM, company.LEGAL_FORM)

_BY_SLUG = {kind.slug: kind for kind in LEGAL_FORMS}
_BY_VALUE = {kind.legal_form: kind for kind in LEGAL_FORMS}


def get(legal_form: str) -> LegalFormKind:
    """What is declared for a value of `LegalForm`."""
    return _BY_VALUE[LegalForm(legal_form)]


def get_or_404(slug: str) -> LegalFormKind:
    """The legal form of an address; raises Http404 for an unknown one."""
    if slug not in _BY_SLUG:
        raise Http404
    return _BY_SLUG[slug]
