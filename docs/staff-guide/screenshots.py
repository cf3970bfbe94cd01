"""
The pictures of the guide, made anew by `make guide`: a throw-away portal with demo data, Chromium, and the list of scenes.

The portal lives in this process, in a temporary folder, and its clock stands on one morning, so that dates, terms and
colours on the pictures do not change from one run to the next. A picture is written only when it looks different from
the one that is there. Names of scenes as arguments make only these; the scenes before them are still played, because
they lead to each other.
"""

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from shutil import rmtree

import time_machine
from PIL import Image, ImageChops
from playwright.sync_api import Browser, Locator, Page, Playwright, sync_playwright

FOLDER = Path(__file__).resolve().parent
IMAGES = FOLDER / "images"
CHROMIUM = Path(os.environ.get("CHROMIUM") or "/usr/bin/chromium")
INSTALLED = datetime(2026, 1, 1, tzinfo=UTC)  # texts and terms are in force since then, as in the tests
LARGEST = 120 * 1024  # bytes of a picture
COLOURS = (128, 64, 32)  # of a picture; fewer where it is too large

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"  # which reads nothing of the developer's environment
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright keeps an event loop in this thread
os.environ.pop("DATABASE_URL", None)
sys.path[:0] = [str(FOLDER.parent.parent), str(FOLDER)]


@contextmanager
def portal() -> Iterator[str]:
    """The address of a portal with demo data, gone with everything in it at the end."""
    import django
    from django.conf import settings

    settings.DATA_DIR.mkdir(mode=0o700)
    try:
        settings.STATIC_ROOT.mkdir()
        settings.LOGGING["root"]["level"] = "ERROR"
        settings.WHITENOISE_USE_FINDERS = settings.WHITENOISE_AUTOREFRESH = True  # no collectstatic
        settings.EMAIL_BACKEND = "post_office.EmailBackend"
        django.setup()
        from scenes import NOW

        _fill(NOW)
        with time_machine.travel(NOW), _served() as address:
            yield address
    finally:
        rmtree(settings.DATA_DIR)


def _fill(now: datetime) -> None:
    from django.core.management import call_command

    with time_machine.travel(INSTALLED):
        call_command("migrate", verbosity=0)
    with time_machine.travel(now), open(os.devnull, "w") as nowhere:
        call_command("demo", force=True, stdout=nowhere)


@contextmanager
def _served() -> Iterator[str]:
    from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler, get_internal_wsgi_application

    class Quiet(WSGIRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadedWSGIServer(("127.0.0.1", 0), Quiet)
    server.daemon_threads = True
    server.set_app(get_internal_wsgi_application())
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def chromium(playwright: Playwright) -> Browser:
    """Debian's, which asks nobody but this machine for anything."""
    if not CHROMIUM.exists():
        sys.exit(f"{CHROMIUM} is not there: apt-get install chromium, or set CHROMIUM")
    nowhere = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
    arguments = ["--no-sandbox", "--disable-gpu", "--font-render-hinting=none", "--no-first-run", "--lang=ru", nowhere]
    return playwright.chromium.launch(
        executable_path=str(CHROMIUM), args=arguments, env={**os.environ, "LANGUAGE": "ru"}
    )


def write(name: str, shot: bytes) -> str:
    """
    The picture with few colours, if it differs from the one in the folder; returns what was done.

    Raises ValueError when it is too large even with the fewest colours: the scene shows too much.
    """
    picture = Image.open(BytesIO(shot)).convert("RGB")
    target = IMAGES / f"{name}.png"
    for colours in COLOURS:
        few = picture.quantize(colours, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        packed = BytesIO()
        few.save(packed, "PNG", optimize=True)
        if packed.tell() <= LARGEST:
            break
    else:
        raise ValueError(f"{name} has {packed.tell() // 1024} KB: show a smaller part of the page")
    if target.exists() and is_same(Image.open(target), few):
        return "as it was"
    target.write_bytes(packed.getvalue())
    return f"{packed.tell() // 1024} KB, {picture.width}×{picture.height}"


def is_same(old: Image.Image, new: Image.Image) -> bool:
    if old.size != new.size:
        return False
    return ImageChops.difference(old.convert("RGB"), new.convert("RGB")).getbbox() is None


def shot_of(page: Page, parts: tuple[str, ...], padding: int = 12) -> bytes:
    """The rectangle around all parts (CSS selectors, each with its first match), or what is seen without scrolling."""
    if not parts:
        return page.screenshot()
    boxes = [_box(page.locator(part).first) for part in parts]
    left, top = (min(box[side] for box in boxes) for side in ("x", "y"))
    right = max(box["x"] + box["width"] for box in boxes)
    bottom = max(box["y"] + box["height"] for box in boxes)
    left, top = max(0, left - padding), max(0, top - padding)
    width = min(right + padding, page.viewport_size["width"]) - left  # type: ignore[index]
    clip = {"x": left, "y": top, "width": width, "height": bottom + padding - top}
    return page.screenshot(clip=clip, full_page=True)  # type: ignore[arg-type]


def _box(part: Locator) -> dict[str, float]:
    part.wait_for()
    script = "node => { const box = node.getBoundingClientRect(); return {x: box.x + scrollX, y: box.y + scrollY, width: box.width, height: box.height}; }"
    found: dict[str, float] = part.evaluate(script)
    return found


def main(wanted: list[str]) -> None:
    IMAGES.mkdir(exist_ok=True)
    with portal() as address:
        from scenes import NOW, SCENES, Stage

        names = [scene.name for scene in SCENES]
        if unknown := set(wanted) - set(names):
            sys.exit(f"No such scene: {', '.join(sorted(unknown))}. There are: {', '.join(names)}")
        failed = []
        with sync_playwright() as playwright, chromium(playwright) as browser:
            stage = Stage(browser, address, now=NOW)
            for scene in SCENES:
                try:
                    shot = stage.play(scene, shot_of)
                    done = write(scene.name, shot) if not wanted or scene.name in wanted else "played"
                except Exception as error:  # noqa: BLE001  one broken scene must not hide the others
                    failed.append(scene.name)
                    done = f"FAILED: {str(error).splitlines()[0]}"
                print(f"{scene.name}: {done}", flush=True)  # noqa: T201
        if not wanted:
            for path in IMAGES.glob("*.png"):
                if path.stem not in names:
                    path.unlink()  # its scene is gone
        if failed:
            sys.exit(f"These pictures stay as they were: {', '.join(failed)}")


if __name__ == "__main__":
    main(sys.argv[1:])
