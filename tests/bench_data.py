"""
What `make bench` measures on: many requests of ten thousand consumers over seven years.

The first ones are made by the demo's own code; the others are copies that the database makes of them, under other numbers,
dates, owners and colleagues. Through Django a million of them would take half an hour. The copies have neither history
nor messages, which the lists look up for their own rows alone; appeals have their details, which stand in lists of their
own.
"""

from datetime import date

from django.db import connection
from django.utils import timezone

from accounts.models import Consumer, LegalForm, User
from requests_app.demo import bulk, people
from requests_app.models import NumberSequence, ServiceRequest
from requests_app.name_keys import name_key
from requests_app.services import complaint, consultation, inquiry
from requests_app.services.meter_readings.detail import MeterReadings
from tests.factories import _ANSWERS, MeterFactory, StaffFactory

TEMPLATES = 2_000  # requests that are copied
CONSUMERS = 10_000
COLLEAGUES = 15
SERIAL = "011076148"  # of a meter with a year of readings
SURNAMES = (
    "Абрамов Белов Волков Громов Дёмин Ершов Жуков Зайцев Ильин Котов Лапин Мухин Носов Орлов Панин Рябов".split()
)
ENDINGS = "ский енко чук ян швили цев ин ых ко ец".split()

_PEOPLE = "CREATE TEMP TABLE person (place int PRIMARY KEY, id bigint, name text, key text, form text, email text)"
_TEMPLATES = """
CREATE TEMP TABLE template AS
SELECT *, (row_number() OVER (ORDER BY id))::int AS place, status NOT IN ('registered', 'in_progress', 'awaiting_consumer')
    AS is_done FROM requests_app_servicerequest
"""
# What differs in a copy; `seq` is its number, `shift` the days by which a finished one is older than its template.
_CHANGED = {
    "number": "extract(year FROM t.submitted_at - x.shift)::int || '-' || (1000000 + x.seq)",
    "submission_key": "gen_random_uuid()",
    "service": "CASE WHEN x.seq % 50 = 0 THEN 'violation-report' WHEN x.seq % 50 = 1 THEN 'document-copies'"
    " WHEN t.is_done AND x.seq % 10 IN (3, 4) THEN 'meter-readings' ELSE t.service END",
    "owner_id": "p.id",
    "applicant_name": "p.name",
    "applicant_key": "p.key",
    "applicant_legal_form": "p.form",
    "applicant_email": "p.email",
    "applicant_phone": "'8 (928) 100-' || lpad((p.place / 100)::text, 2, '0') || '-' || lpad((p.place % 100)::text, 2, '0')",
    "contract_number": "x.contract",
    "contract_key": "x.contract",
    "submitted_at": "t.submitted_at - x.shift",
    "answered_at": "t.answered_at - x.shift",
    "closed_at": "t.closed_at - x.shift",
    "assigned_at": "CASE WHEN t.assignee_id IS NOT NULL THEN t.assigned_at - x.shift END",
    "due_on": "(t.due_on - x.shift)::date",
    "assignee_id": "CASE WHEN t.assignee_id IS NOT NULL THEN (%(staff)s)[x.seq %% array_length(%(staff)s, 1) + 1] END",
}
_COPIES = """
INSERT INTO requests_app_servicerequest ({columns})
SELECT {values} FROM template t CROSS JOIN generate_series(1, %(copies)s) AS copy
CROSS JOIN LATERAL (
    SELECT (copy - 1) * %(templates)s + t.place AS seq,
        CASE WHEN t.is_done THEN make_interval(
            days => (extract(epoch FROM now() - t.submitted_at) / 86400 * 1.5)::int + copy %% 9, mins => copy %% 600
        ) ELSE make_interval(mins => copy %% 600) END AS shift,
        CASE WHEN copy %% 2 = 0 THEN 'ТП-' || 2015 + copy %% 10 || '/' || t.place * 25 + copy %% 25 ELSE '' END AS contract
) x
JOIN person p ON p.place = (t.place * 31 + copy * 7919) %% %(people)s
"""
_DETAILS = """
INSERT INTO {table} ({key}, {columns})
SELECT r.id, {values} FROM requests_app_servicerequest r CROSS JOIN (SELECT * FROM {table} LIMIT 1) AS detail
WHERE r.service = %s AND NOT EXISTS (SELECT 1 FROM {table} made WHERE made.{key} = r.id)
"""


def fill(count: int) -> None:
    """`count` requests in the empty database, with statistics for the planner."""
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")  # the portal's own limit is for pages
    people.make_staff()
    people.make_consumers()
    staff = [StaffFactory(group="operator").pk for _ in range(COLLEAGUES)]
    _make_consumers()
    bulk.make_many(min(TEMPLATES, count), progress=lambda made: None)
    with connection.cursor() as cursor:
        _put_people(cursor)
        cursor.execute(_TEMPLATES)
        columns = [field.column for field in ServiceRequest._meta.concrete_fields if not field.primary_key]
        values = [_CHANGED.get(column, f"t.{column}").replace(" % ", " %% ") for column in columns]
        copies = max(0, -(-count // TEMPLATES) - 1)
        cursor.execute(
            _COPIES.format(columns=", ".join(columns), values=", ".join(values)).replace("%%%%", "%%"),
            {"copies": copies, "templates": TEMPLATES, "people": CONSUMERS, "staff": staff},
        )
        for service in (inquiry.SERVICE, consultation.SERVICE, complaint.SERVICE):
            _put_details(cursor, service)
    for year in range(timezone.localdate().year - 9, timezone.localdate().year + 1):
        NumberSequence.objects.update_or_create(year=year, defaults={"last": 1_000_000 + count})
    _make_readings()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("RESET statement_timeout")


def _make_consumers() -> None:
    users = User.objects.bulk_create(
        [User(email=f"bench{number}@example.org", password="!") for number in range(CONSUMERS)]
    )
    Consumer.objects.bulk_create([_consumer(number, user) for number, user in enumerate(users)])


def _consumer(number: int, user: User) -> Consumer:
    """Of ten, eight persons, a sole trader and a company."""
    legal_form = {8: LegalForm.SOLE_TRADER, 9: LegalForm.COMPANY}.get(number % 10, LegalForm.PERSON)
    surname = f"{SURNAMES[number % 16]}{ENDINGS[number // 16 % 10]}"
    consumer = Consumer(user=user, legal_form=legal_form)
    for name, value in _ANSWERS[legal_form](number + 10_000).items():
        setattr(consumer, name, value)
    if legal_form == LegalForm.COMPANY:
        consumer.organisation = f"ООО «{surname}-{number}»"
    else:
        consumer.last_name = surname
    return consumer


def _put_people(cursor) -> None:
    cursor.execute(_PEOPLE)
    consumers = Consumer.objects.filter(user__email__startswith="bench").select_related("user").order_by("pk")
    for place, each in enumerate(consumers):
        row = (place, each.pk, each.display_name, name_key(each.display_name), each.legal_form, each.user.email)
        cursor.execute("INSERT INTO person VALUES (%s, %s, %s, %s, %s, %s)", row)


def _put_details(cursor, service) -> None:
    """One detail of the service for each of its requests that has none."""
    options = service.detail_model._meta
    columns = [field.column for field in options.concrete_fields if not field.primary_key]
    sql = _DETAILS.format(
        table=options.db_table,
        key=options.pk.column,
        columns=", ".join(columns),
        values=", ".join(f"detail.{column}" for column in columns),
    )
    cursor.execute(sql, [service.slug])


def _make_readings() -> None:
    meter = MeterFactory(serial=SERIAL)
    of_readings = ServiceRequest.objects.filter(service="meter-readings").order_by("pk")[:12]
    MeterReadings.objects.bulk_create(
        MeterReadings(service_request=each, meter=meter, month=date(2026, month, 1), taken_on=date(2026, month, 20))
        for month, each in enumerate(of_readings, start=1)
    )
