"""
Report of consumption without a contract or past the meter, or of theft from the network. Who sends it may stay unnamed;
only staff with a permission of their own know of such reports.
"""

from requests_app.deadlines import DayKind
from requests_app.services.base import DefaultTerm, Service
from requests_app.services.violation_report.form import Reporter, ViolationReportForm
from requests_app.services.violation_report.life import REPORT
from requests_app.services.violation_report.models import Sign, ViolationKind

SERVICE = Service(
    slug="violation-report",
    noun="Сообщение о нарушении",
    title="Сообщить о нарушении",
    summary=(
        "Прием через интерактивные электронные формы сообщений о бездоговорном (безучетном) потреблении электрической "
        "энергии, хищении объектов электросетевого хозяйства"
    ),
    lead="Расскажите, что и\N{NO-BREAK SPACE}где вы видели. Мы проверим на\N{NO-BREAK SPACE}месте; имя можно не\N{NO-BREAK SPACE}показывать.",
    icon="violation-report",
    form_class=ViolationReportForm,
    default_term=DefaultTerm(days=30, day_kind=DayKind.CALENDAR, legal_basis="Срок, установленный РСМ Энерго"),
    life=REPORT,
    warns_of_danger=True,
    form_template="requests/violation_report.html",
    registered_letter="report_registered",
    registered_news="принята",
    desk_template="admin/requests_app/servicerequest/_violation_report.html",
    view_permission="requests_app.view_violationreport",
    example={
        "kind": ViolationKind.CONTRACT,
        "signs": Sign.HOOKED,
        "description": "С опоры к вагончику на пустыре тянется кабель, по вечерам в нём горит свет.",
        "seen_at": "2026-01-12T18:30",
        "place": "г. Ростов-на-Дону, пустырь за домом 71 по ул. Портовой",
        "pole_number": "14",
        "coordinates": "47.222078, 39.720349",
        "reporter": Reporter.NAMED,
    },
)
