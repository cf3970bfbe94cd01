"""
How fast the portal is with very many requests: `make bench`, or tests/with-postgres python tests/bench.py --requests N.

Makes a database of its own beside that of DATABASE_URL, fills it, times each page (the median of several, after a warm-up),
prints a table and writes the plans of all queries that read the main table to docs/query-plans.txt. Exits with 1 when a list
or a search reads that table from end to end, or the report of a year takes too long.
"""

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
sys.path.insert(0, str(Path(__file__).parent.parent))

import django

django.setup()

from django.contrib import admin
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext, setup_test_environment
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from requests_app.demo.people import OPERATOR, SUPERVISOR
from requests_app.lifecycle import Status
from requests_app.models import ServiceRequest
from tests.bench_data import SERIAL, fill
from tests.factories import accept_agreement

TABLE = "requests_app_servicerequest"
PLANS = Path(__file__).parent.parent / "docs" / "query-plans.txt"
LIST = reverse("admin:requests_app_servicerequest_changelist")
FEW_PAGES = 20
MOST_OF_A_REPORT = 10.0  # seconds for 100,000 requests: the project's own aim


@dataclass
class Result:
    name: str
    seconds: list[float]
    plans: list[str] = field(default_factory=list)
    note: str = ""

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    @property
    def reads_all(self) -> bool:
        return any(f"Seq Scan on {TABLE}" in plan for plan in self.plans)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=1_000_000, metavar="N")
    parser.add_argument("--times", type=int, default=7, help="how often each page is timed")
    options = parser.parse_args()
    setup_test_environment()
    name = connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        started = time.perf_counter()
        fill(options.requests)
        filled = time.perf_counter() - started
        rows = ServiceRequest.objects.count()
        still_open = ServiceRequest.objects.open().count()
        print(f"{rows:,} requests, {still_open:,} of them open; filled in {filled:.0f} s", flush=True)
        lists = pages(options.times)
        others = reports()
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)
    write_plans(lists + others, rows)
    return verdict(lists, others)


# -- Pages ----------------------------------------------------------------------------------------------------------


def pages(times: int) -> list[Result]:
    """
    The queue, each shape of a search, the other long lists of the desk, the start page and a consumer's own list, as
    Django's test client gets them.
    """
    supervisor, operator = (logged_in(User.objects.get(email=email)) for email in (SUPERVISOR, OPERATOR))
    some = ServiceRequest.objects.filter(applicant_email__startswith="bench").select_related("owner__consumer")
    one = some.filter(status=Status.CLOSED).exclude(contract_key="").order_by("pk")[500]
    company = some.filter(applicant_legal_form="company").order_by("pk")[0]
    views = ["open", "mine", "overdue", "tomorrow", "waiting", "unassigned", "all"]
    addresses: dict[str, tuple[Client, str]] = {
        "list, nothing chosen": (operator, LIST),
        **{f"list, view {view}": (operator, f"{LIST}?view={view}") for view in views},
        "list, all, of a supervisor": (supervisor, f"{LIST}?view=all"),
        "list, all, a deep page": (operator, f"{LIST}?view=all&p={deep(0.9)}"),
        "list, all, a deep page, backwards": (operator, f"{LIST}?view=all&p=-{deep(0.9)}"),
        "list, open, a deep page": (operator, f"{LIST}?view=open&p={deep_open()}"),
        "list, service and status": (operator, f"{LIST}?service=complaint&status=closed"),
        "list, service, deep": (operator, f"{LIST}?view=all&service=document-copies&p={deep(0.9)}"),
        "list, status refused": (operator, f"{LIST}?status=refused"),
        "list, a colleague, closed": (operator, f"{LIST}?status=closed&assignee={one.assignee_id}"),
        "list, due in a week": (operator, f"{LIST}?due=week"),
        "list, rare service, rare status": (supervisor, f"{LIST}?service=violation-report&status=awaiting_consumer"),
    }
    terms = {
        "number": one.number,
        "last digits of a number": one.number.partition("-")[2],
        "telephone": one.applicant_phone,
        "e-mail": one.applicant_email,
        "ИНН": company.owner.consumer.inn,
        "ОГРН": company.owner.consumer.ogrn,
        "СНИЛС": some.filter(applicant_legal_form="person")[0].owner.consumer.snils,
        "contract": one.contract_number,
        "beginning of a contract": one.contract_number[:7],
        "meter": SERIAL,
        "meter that is not there": "77700077",
        "common name": one.applicant_name[:6],
        "rare name": company.applicant_name,
        "name that is not there": "Несуществующий",
    }
    for shape, term in terms.items():
        addresses[f"search, {shape}"] = (operator, f"{LIST}?q={term}")
    addresses["search, rare name among mine"] = (operator, f"{LIST}?view=mine&q={company.applicant_name}")
    administrator = logged_in(User.objects.filter(is_superuser=True)[0])
    for desk_name, address in other_lists():
        addresses[desk_name] = (administrator, address)
    addresses["start page, operator"] = (operator, reverse("admin:index"))
    addresses["start page, supervisor"] = (supervisor, reverse("admin:index"))
    accept_agreement(one.owner)
    consumer = logged_in(one.owner)
    addresses["cabinet of a consumer"] = (consumer, reverse("requests:cabinet"))
    addresses["own requests of a consumer"] = (consumer, reverse("requests:list"))
    return [timed(name, lambda c=client, a=address: get(c, a), times) for name, (client, address) in addresses.items()]


def other_lists() -> Iterator[tuple[str, str]]:
    """The first page and the last one of every list that is longer than a few pages."""
    for model, model_admin in admin.site._registry.items():
        rows = model_admin.paginator(model._default_manager.order_by("pk"), model_admin.list_per_page)
        if model is not ServiceRequest and rows.num_pages > FEW_PAGES:
            address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
            yield f"list of {model._meta.verbose_name_plural}", address
            yield f"list of {model._meta.verbose_name_plural}, the last page", f"{address}?p={rows.num_pages}"


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def get(client: Client, address: str) -> str:
    """Nothing kept from the last time. Tells how many rows a list has shown."""
    cache.clear()
    response = client.get(address, follow=True)
    assert response.status_code == 200, (address, response.status_code)
    listing = (response.context or {}).get("cl")
    if listing is None:
        return ""
    return f"{len(listing.result_list)} of {getattr(listing, 'count_in_words', '') or f'{listing.result_count:,}'}"


def deep(share: float) -> int:
    """The key of a request before which this share of all stands in the list."""
    place = int(ServiceRequest.objects.count() * share)
    return int(ServiceRequest.objects.order_by("-submitted_at", "-pk").values_list("pk", flat=True)[place])


def deep_open() -> int:
    found = ServiceRequest.objects.open().order_by("due_on", "pk").values_list("pk", flat=True)
    return int(found[int(found.count() * 0.9)])


def timed(name: str, act: Callable[[], str], times: int) -> Result:
    note = act()
    act()
    seconds = []
    for _ in range(times):
        started = time.perf_counter()
        act()
        seconds.append(time.perf_counter() - started)
    with CaptureQueriesContext(connection) as queries:
        act()
    result = Result(name, seconds, plans_of(queries), note)
    print_line(result)
    return result


def plans_of(queries: CaptureQueriesContext) -> list[str]:
    plans = []
    for query in queries:
        if query["sql"].startswith("SELECT") and f'"{TABLE}"' in query["sql"]:
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN (COSTS OFF) {query['sql']}")
                plans.append("\n".join(row[0] for row in cursor.fetchall()))
    return plans


# -- Reports --------------------------------------------------------------------------------------------------------


def reports() -> list[Result]:
    """Both tables of the last whole year, and of a month: the memory of the two tells whether it grows with the rows."""
    client = logged_in(User.objects.get(email=SUPERVISOR))
    year = timezone.localdate().year - 1
    results = []
    for table in ("4.1", "4.9"):
        for words, last in (("a month", f"{year}-01-31"), ("a year", f"{year}-12-31")):
            address = f"{reverse('admin:requests_app_reportrun_file', args=[table])}?first={year}-01-01&last={last}"
            results.append(report(f"table {table} of {words}", client, address))
    return results


def report(name: str, client: Client, address: str) -> Result:
    from requests_app.models import ReportRun

    reset_peak()
    before = memory("VmRSS")
    started = time.perf_counter()
    response = client.get(address)
    size = sum(len(part) for part in response)
    seconds = time.perf_counter() - started
    response.close()
    peak = memory("VmHWM") - before
    rows = ReportRun.objects.latest("pk").rows
    result = Result(name, [seconds], note=f"{rows:,} appeals, {size // 1024:,} KiB, peak {peak // 1024:+,} MiB")
    print_line(result)
    return result


def reset_peak() -> None:
    """Linux alone tells the peak of a part of a run; elsewhere it is that of the whole."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def memory(name: str) -> int:
    """KiB."""
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1])
    return 0


# -- What is said at the end ----------------------------------------------------------------------------------------


def print_line(result: Result) -> None:
    mark = "  READS ALL" if result.reads_all else ""
    print(f"{result.median * 1000:9.0f} ms  {result.name:40} {result.note}{mark}", flush=True)


def write_plans(results: list[Result], rows: int) -> None:
    parts = [f"Plans of the queries over {TABLE} at {rows:,} requests, written by tests/bench.py.\n"]
    for result in results:
        parts += [f"== {result.name}\n", *(f"{plan}\n" for plan in result.plans)]
    PLANS.write_text("\n".join(parts))


def verdict(lists: list[Result], others: list[Result]) -> int:
    wrong = [result.name for result in lists if result.reads_all and result.name.startswith(("list", "search"))]
    for name in wrong:
        print(f"{name}: reads {TABLE} from end to end", file=sys.stderr)
    for result in others:
        appeals = int(result.note.split()[0].replace(",", ""))
        if result.median > MOST_OF_A_REPORT * max(1.0, appeals / 100_000):
            print(f"{result.name}: {result.median:.1f} s", file=sys.stderr)
            wrong.append(result.name)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
