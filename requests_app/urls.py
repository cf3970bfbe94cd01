from django.urls import path, register_converter

from requests_app.views import (
    appointments,
    catalogue,
    conversation,
    files,
    grading,
    objects,
    papers,
    reading_reminders,
    reading_sheets,
    readings,
    submit,
    surveys,
    tracking,
)

app_name = "requests"


class NumberConverter:
    """The number of a request, «2026-000123»."""

    regex = r"[0-9]{4}-[0-9]{6,10}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(NumberConverter, "number")

urlpatterns = [
    path("cabinet/", catalogue.cabinet, name="cabinet"),
    path("requests/", tracking.request_list, name="list"),
    path("requests/new/", catalogue.new, name="new"),
    path("requests/new/survey/", surveys.survey_list, name="surveys"),
    path("requests/new/survey/<int:pk>/", surveys.survey_page, name="survey"),
    path("requests/new/meter-readings/", readings.meters, name="meters"),
    path("requests/new/meter-readings/table/", reading_sheets.upload, name="sheet_upload"),
    path("requests/new/meter-readings/table/<int:pk>/", reading_sheets.sheet, name="sheet"),
    path(
        "requests/new/meter-readings/table/blank.csv", reading_sheets.blank, {"ending": "csv"}, name="sheet_blank_csv"
    ),
    path(
        "requests/new/meter-readings/table/blank.xlsx",
        reading_sheets.blank,
        {"ending": "xlsx"},
        name="sheet_blank_xlsx",
    ),
    path("requests/new/meter-readings/other/", readings.unknown, name="unknown_meter"),
    path("requests/new/meter-readings/<int:pk>/", readings.meter, name="meter"),
    path("requests/new/appointment/", appointments.book, name="book"),
    path("requests/new/<slug:slug>/", submit.submit, name="submit"),
    path("requests/<number:number>/", tracking.detail, name="detail"),
    path("requests/<number:number>/receipt/", tracking.receipt, name="receipt"),
    path("requests/<number:number>/readings.csv", reading_sheets.sent, name="sheet_sent"),
    path("requests/<number:number>/messages/", conversation.message, name="message"),
    path("requests/<number:number>/grade/", grading.grade, name="grade"),
    path("requests/<number:number>/move/", appointments.move, name="move"),
    path("requests/<number:number>/priem.ics", appointments.calendar, name="calendar"),
    path("requests/<number:number>/<slug:name>/", conversation.transition, name="transition"),
    path("objects/", objects.object_list, name="objects"),
    path("objects/new/", objects.object_new, name="object_new"),
    path("objects/<int:pk>/", objects.object_detail, name="object"),
    path("objects/<int:pk>/withdraw/", objects.object_withdraw, name="object_withdraw"),
    path("readings/<int:pk>/", readings.history, name="meter_history"),
    path("readings/<int:pk>/readings.csv", readings.table, name="meter_table"),
    path("documents/", papers.document_list, name="documents"),
    path("invoices/", papers.invoice_list, name="invoices"),
    path("invoices/<int:pk>/", papers.invoice_detail, name="invoice"),
    path("reminders/readings/", reading_reminders.switch, name="reading_reminders"),
    path("reminders/readings/off/<str:token>/", reading_reminders.off, name="reading_reminders_off"),
    path("files/<uuid:pk>/", files.file, name="file"),
]
