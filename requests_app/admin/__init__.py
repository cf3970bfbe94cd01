"""The work desk: what staff see of requests and do with them."""

from requests_app.admin import (  # noqa: F401  they register themselves
    access,
    canned_replies,
    details,
    exports,
    invoices,
    issuing,
    offices,
    quality,
    reading_periods,
    reading_steps,
    readings,
    reference,
    reports,
    retention,
    second_reading,
    service_request,
    supply,
    supply_import,
    surveys,
)
