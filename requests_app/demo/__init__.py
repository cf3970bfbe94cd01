"""Demonstration data: people, news, and requests in every state. Only `manage.py demo` uses it."""
