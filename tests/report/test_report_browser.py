"""The page in a real browser, where one is installed: it opens, is quiet, and speaks Chinese."""

import shutil
import subprocess

import pytest

from report.build import write

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")


def dump(index, anchor=""):
    command = [
        CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--v=0",
        "--dump-dom", f"{index.resolve().as_uri()}{anchor}",
    ]  # fmt: skip
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)


def test_script_runs_and_the_console_is_silent(city_page, tmp_path):
    done = dump(write(city_page, tmp_path))
    assert 'class="js"' in done.stdout
    assert "CONSOLE" not in done.stderr
    shown = [part for part in done.stdout.split("<figure ")[1:] if part.startswith('class="map"')]
    assert sum("hidden" not in part.split(">")[0] for part in shown) == 1


def test_a_row_can_be_mailed_as_a_link(city_page, tmp_path):
    name = "v-330102-all-2026-01"
    done = dump(write(city_page, tmp_path), f"#{name}")
    row = done.stdout.split(f'id="{name}"')[1].split("</tr>")[0]
    assert 'aria-expanded="true"' in row


def test_what_tries_to_reach_out_is_blocked(city_page, tmp_path):
    index = write(city_page, tmp_path)
    text = city_page.html.replace("<main", '<img src="https://example.invalid/a.png"><main')
    index.write_text(text, "utf-8")
    assert "Content Security Policy" in dump(index).stderr
