"""The rules of the database for papers and what is asked for them, each broken once: for test_constraints.py."""

from datetime import timedelta

from django.utils import timezone

from requests_app.models import InvoiceState, VatRate
from requests_app.services import document_copies, invoice
from tests.factories import (
    ConsumerFactory,
    InvoiceFactory,
    IssuedDocumentFactory,
    SupplyPointFactory,
    submitted,
)

NOW = timezone.now()


def _changed(row, values):
    type(row)._default_manager.filter(pk=row.pk).update(**values)


def paper(**values):
    return lambda: _changed(IssuedDocumentFactory(), values)


def bill(state=InvoiceState.ISSUED, **values):
    return lambda: _changed(InvoiceFactory(state=state), values)


def copies(**values):
    return lambda: _changed(submitted(document_copies.SERVICE).detail, values)


def asked(legal_form="person", **values):
    return lambda: _changed(
        submitted(invoice.SERVICE, owner=ConsumerFactory(legal_form=legal_form).user).detail, values
    )


def rate(**values):
    return lambda: VatRate.objects.create(**{"percent": 7, "label": "НДС 7 %", **values})


def state_is_lost():
    _changed(InvoiceFactory(), {"state": "lost"})


def same_number_in_other_letters():
    InvoiceFactory(number="ТП-1")
    InvoiceFactory(number="тп – 1")


BREAKS = {
    "issued_document_right_in_pairs": [
        paper(right_note=""),
        paper(right_checked_by=None),
        lambda: _changed(IssuedDocumentFactory(point=SupplyPointFactory()), {"right_note": "Доверенность"}),
    ],
    "issued_document_by_some_right": [paper(right_checked_by=None, right_checked_at=None, right_note="")],
    "issued_document_period": [
        paper(period_from="2026-01-01"),
        paper(period_from="2026-02-01", period_to="2026-01-31"),
    ],
    "issued_document_named": [paper(title="")],
    "vat_rate_once": [rate(percent=20)],
    "vat_rate_label_once": [rate(label="Без НДС")],
    "vat_rate_percent": [rate(percent=-1)],
    "vat_rate_named": [rate(label="")],
    "invoice_number_once_a_year": [same_number_in_other_letters],
    "invoice_numbered": [bill(number_key="")],
    "invoice_due_after_issued": [bill(due_on=timezone.localdate() - timedelta(days=1))],
    "invoice_amounts": [bill(amount=0, vat_amount=0), bill(vat_amount=-1), bill(amount=33292)],
    "invoice_vat": [bill(vat_percent=None), bill(vat_percent=-1)],
    "invoice_state_known": [state_is_lost],
    "invoice_paid_in_pairs": [
        bill(paid_on="2026-11-24"),
        bill(InvoiceState.PAID, paid_by=None),
        bill(InvoiceState.PAID, paid_on=None),
    ],
    "invoice_cancelled_in_pairs": [
        bill(InvoiceState.CANCELLED, cancel_reason=""),
        bill(InvoiceState.CANCELLED, cancelled_by=None),
        bill(cancelled_at=NOW),
    ],
    "document_copies_period": [
        copies(period_to=None),
        copies(period_from="2026-03-31"),
        copies(kind="conditions", period_from=None),
    ],
    "document_copies_period_is_given": [copies(period_from=None, period_to=None)],
    "invoice_request_payer": [
        asked(payer_inn="500100732259"),
        asked("sole_trader", payer_ogrnip=""),
        asked("sole_trader", payer_inn="6166000060"),
        asked("company", payer_kpp=""),
        asked("company", payer_kpp="6166010"),
        asked("company", payer_address=""),
        asked("company", payer_form="person"),
    ],
    "invoice_request_payer_named": [asked(payer_name="")],
    "invoice_request_period": [asked(period=None)],
    "invoice_request_amounts": [asked(amount=-1), asked(volume_kwh=-1)],
}
