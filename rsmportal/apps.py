from django.contrib.admin.apps import AdminConfig


class DeskConfig(AdminConfig):
    """Django's admin, with a start page of ours."""

    default_site = "rsmportal.admin_site.DeskSite"
