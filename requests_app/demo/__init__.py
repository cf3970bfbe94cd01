"""Demonstration data: people, news, supply points, and requests in every state. Only `manage.py demo` uses it."""
