"""
The portal for a developer, started by `make run`: database, demo data, then Django's server and the mail worker.

Both stay in the process group of `make`, so Ctrl-C and `kill` reach them together. When one of the two ends, or a
signal comes, or `make` is gone, the rest is ended too. PORT (8000) chooses the port on 127.0.0.1.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import environ
from django.utils.autoreload import DJANGO_AUTORELOAD_ENV

BASE_DIR = Path(__file__).resolve().parent.parent
MANAGE = [sys.executable, str(BASE_DIR / "manage.py")]
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
RELOAD = 3  # the status with which Django's server asks to be started again
PATIENCE = 10  # seconds between asking a process to end and ending it


def main() -> None:
    """Exits with 0 after a signal, with 1 when something ended by itself."""
    for number in SIGNALS:
        signal.signal(number, leave)
    environ.Env.read_env(BASE_DIR / ".env")  # PORT and SITE_URL may stand there too
    port = os.environ.get("PORT") or "8000"
    refuse_taken(port)
    os.environ.setdefault("SITE_URL", f"http://127.0.0.1:{port}")  # for the links in letters
    os.environ["PYTHONUNBUFFERED"] = "1"
    Path(os.environ.get("DATA_DIR") or BASE_DIR / "var").mkdir(parents=True, exist_ok=True)  # SQLite makes no folders
    for command in (["migrate", "--verbosity=0"], ["demo"]):
        if subprocess.run([*MANAGE, *command]).returncode:
            sys.exit(1)
    # Told that it is the reloader's inner process, runserver ends with RELOAD when a file has changed. Playing the outer
    # one here saves a process, and the mail worker gets the new code too.
    os.environ[DJANGO_AUTORELOAD_ENV] = "true"
    while run(["runserver", f"127.0.0.1:{port}"], ["mail_worker"]) == RELOAD:
        pass
    sys.exit(1)


def leave(_number: int, _frame: object) -> None:
    """Turn the first signal into an exception, so that everything is ended; a second one must not stop the ending."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    sys.exit(0)


def refuse_taken(port: str) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(port)))
        except (ValueError, OverflowError, OSError) as error:
            sys.exit(f"PORT={port} cannot be used ({error}). Choose another: PORT=8001 make run")


def run(*commands: list[str]) -> int:
    """
    Run the commands of manage.py side by side until one ends, or `make` is gone, or `leave` is called; then end all.

    Returns the status of the one that ended first.
    """
    parent = os.getppid()
    processes: list[subprocess.Popen[bytes]] = []
    try:
        for command in commands:
            processes.append(subprocess.Popen([*MANAGE, *command], preexec_fn=ignore_ctrl_c))
        while os.getppid() == parent:
            for process in processes:
                if process.poll() is not None:
                    return process.returncode
            time.sleep(0.2)
        return 1
    finally:
        end(processes)


def ignore_ctrl_c() -> None:
    """Ctrl-C reaches the whole group; the two are told by `end`, once and in order."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def end(processes: list[subprocess.Popen[bytes]]) -> None:
    """Ask all to end, wait, and end those that did not."""
    for process in processes:
        process.terminate()
    deadline = time.monotonic() + PATIENCE
    for process in processes:
        try:
            process.wait(max(0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


if __name__ == "__main__":
    main()
