from django.apps import AppConfig


class ContentConfig(AppConfig):
    name = "rsmportal.content"
    label = "content"
    verbose_name = "Новости"
