from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Учётные записи"

    def ready(self) -> None:
        from accounts import changes, staff_session  # noqa: F401  listen to what is written down and to logins
