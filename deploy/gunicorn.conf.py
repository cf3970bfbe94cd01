"""Gunicorn behind nginx. Three processes of four threads carry an office of some tens of thousands of consumers."""

bind = "127.0.0.1:8001"
worker_class = "gthread"
workers = 3
threads = 4
timeout = 60  # nginx holds slow uploads back until they are whole
graceful_timeout = 30
max_requests = 5000  # a process is renewed now and then, so that no leak grows for months
max_requests_jitter = 500
worker_tmp_dir = "/dev/shm"  # noqa: S108  heartbeats; a busy disk must not look like a hung process
control_socket_disable = True  # reload and stop are systemd's
accesslog = None  # nginx writes one
