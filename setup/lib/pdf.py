"""wkhtmltopdf, which makes Odoo's PDF documents: installed by root, unpacked for anybody else."""

import os
import shutil

from . import fetch, paths
from .progress import SetupError, once, say, step

PACKAGES = ("wkhtmltopdf", "fonts-dejavu-core")
PREFIX = paths.HOME / "pdf"
WRAPPER = paths.BIN / "wkhtmltopdf"
# Not where they were built for, the program and its libraries are told where things are.
SCRIPT = """#!/bin/sh
prefix={prefix}
export LD_LIBRARY_PATH=$prefix/usr/lib/{triplet}:$prefix/lib/{triplet}
export QT_PLUGIN_PATH=$prefix/usr/lib/{triplet}/qt5/plugins
export XDG_DATA_DIRS=$prefix/usr/share:/usr/share
export FONTCONFIG_FILE=$prefix/fonts.conf
exec "$prefix/usr/bin/wkhtmltopdf" "$@"
"""
FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <dir>/usr/share/fonts</dir>
  <dir>{prefix}/usr/share/fonts</dir>
  <cachedir>{prefix}/fonts-cache</cachedir>
</fontconfig>
"""


def available():
    return bool(shutil.which("wkhtmltopdf") or WRAPPER.exists())


def prepare():
    """See to it that there is a wkhtmltopdf; where it cannot be had, say so and go on."""
    if available():
        return
    try:
        if os.geteuid() == 0:
            with step("wkhtmltopdf for PDF documents (installed by apt)"):
                install(PACKAGES)
        else:
            once("pdf", " ".join(PACKAGES), "wkhtmltopdf for PDF documents (unpacked)", _unpack)
    except (SetupError, FileNotFoundError) as error:
        say(f"  wkhtmltopdf is missing, so there will be no PDF documents: {error}")


def install(packages):
    """Install Debian packages; needs root."""
    fetch.apt(None, ["update"])
    fetch.apt(None, ["install", "--yes", "--no-install-recommends", *packages])


def _unpack():
    fetch.unpack(fetch.download_missing(PACKAGES), PREFIX, _configure_fonts)
    triplet = next(PREFIX.glob("usr/lib/*-linux-*")).name
    paths.BIN.mkdir(exist_ok=True)
    partial = WRAPPER.with_suffix(".partial")
    partial.write_text(SCRIPT.format(prefix=PREFIX, triplet=triplet))
    partial.chmod(0o755)
    partial.replace(WRAPPER)


def _configure_fonts(folder):
    (folder / "fonts.conf").write_text(FONTS.format(prefix=PREFIX))
