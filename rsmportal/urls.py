from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from requests_app.admin.exports import export_list
from rsmportal import styleguide, views
from rsmportal.content import views as content

admin.site.site_header = admin.site.site_title = settings.OPERATOR_NAME
admin.site.index_title = "Рабочий стол"

urlpatterns = [
    path("", views.home, name="home"),
    path("about/", views.about, name="about"),
    path("help/", views.user_guide, name="help"),
    path("services/", views.services, name="services"),
    path("contacts/", views.contacts, name="contacts"),
    path("news/", content.news, name="news"),
    path("news/<slug:slug>/", content.news_detail, name="news_detail"),
    path("display/", views.display_settings, name="display_settings"),
    path("styleguide/", styleguide.styleguide, name="styleguide"),
    path("healthz", views.healthz, name="healthz"),
    path("", include("accounts.urls")),
    path("", include("requests_app.urls")),
    path(
        "admin/export/<slug:app_label>/<slug:model>/<slug:ending>/",
        admin.site.admin_view(export_list),
        name="export_list",
    ),
    path("admin/", admin.site.urls),
]

handler400 = views.bad_request
handler403 = views.permission_denied
handler404 = views.page_not_found
handler500 = views.server_error
