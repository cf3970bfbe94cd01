"""Two people at one invoice, or at one number, in the same moment."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.utils import timezone

from requests_app import actions
from requests_app.models import GrantStatus, Invoice, InvoiceState
from requests_app.services import invoice as invoice_service
from requests_app.services.base import CannotBeSent
from tests.factories import (
    AccessGrantFactory,
    AttachmentFactory,
    ConsumerFactory,
    InvoiceFactory,
    MessageFactory,
    StaffFactory,
    submitted,
)


def at_once(*tasks):
    """What each returned, or the exception that it raised."""

    def run(task):
        try:
            return task()
        except Exception as error:  # noqa: BLE001  it is looked at by the test
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(tasks)) as pool:
        return list(pool.map(run, tasks))


@pytest.mark.django_db(transaction=True)
def test_paid_and_cancelled_at_once_is_one_of_both():
    invoice, supervisor = InvoiceFactory(), StaffFactory(group="supervisor")

    results = at_once(
        lambda: actions.mark_paid(invoice, paid_on=timezone.localdate(), by=supervisor),
        lambda: actions.cancel_invoice(invoice, reason="Ошибка.", by=supervisor),
    )

    refused = [result for result in results if isinstance(result, actions.InvoiceNotChanged)]
    assert len(refused) == 1
    assert results.count(None) == 1
    invoice.refresh_from_db()
    assert invoice.state in (InvoiceState.PAID, InvoiceState.CANCELLED)


def answered(owner, operator):
    """A request whose answer with its PDF is there and is to become an invoice."""
    point = AccessGrantFactory(user=owner, status=GrantStatus.CONFIRMED).point
    service_request = submitted(invoice_service.SERVICE, owner=owner, point=point.pk)
    message = MessageFactory(service_request=service_request, author=operator, kind="answer")
    AttachmentFactory(service_request=service_request, message=message)
    return service_request


@pytest.mark.django_db(transaction=True)
def test_one_number_for_two_invoices_at_once_is_given_once():
    operator = StaffFactory(group="operator")
    requests = [answered(ConsumerFactory().user, operator) for _ in range(2)]
    facts = actions.InvoiceFacts(
        number="1042",
        issued_on=timezone.localdate(),
        due_on=timezone.localdate() + timedelta(days=5),
        amount=Decimal(122),
        vat_percent=Decimal(22),
        vat_amount=Decimal(22),
    )

    def issue(service_request):
        with transaction.atomic():
            return actions.issue_invoice(service_request, facts=facts, right_note="", by=operator)

    results = at_once(*[lambda each=each: issue(each) for each in requests])

    [refused] = [result for result in results if result is not None]
    assert isinstance(refused, CannotBeSent), refused
    assert refused.field == "number"
    assert Invoice.objects.count() == 1
