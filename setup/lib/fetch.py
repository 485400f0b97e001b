"""Odoo 19 from Debian's unstable suite, without root and with apt checking the signature.

A private apt configuration points at the mirror this machine already uses, so that neither the
machine's sources nor its package database are touched. The packages are unpacked, not installed.
"""

import functools
import os
import shutil
import subprocess
import sys

from . import paths, python_env
from .progress import SetupError, once

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
ODOO_SUITE = "sid"
ODOO_PACKAGES = (
    "odoo-19",
    # what its static files link to
    "libjs-jquery",
    "libjs-jquery-form",
    "libjs-underscore",
    "fonts-roboto-unhinted",
    "fonts-montserrat",
    "fonts-inconsolata",
    "fonts-ocr-b",
    "fonts-glyphicons-halflings",
)
# Debian removed this script, which blurs the background of a camera; every page still asks for it.
REMOVED_SCRIPT = "odoo/addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js"
# Odoo's icons are Font Awesome 4, and Debian unstable has version 6: this is PyPI's version 4.
ICON_FONTS = "xstatic/pkg/font_awesome/data/fonts"
ICON_FONTS_LINKED = "usr/share/fonts-font-awesome/fonts"


def fetch_odoo():
    """Unpack Odoo and the files it links to into the prefix, once."""
    title = "Odoo 19 from Debian (about 130 MB, signature checked by apt)"
    once("odoo", " ".join(ODOO_PACKAGES), title, _unpack_odoo)


def _unpack_odoo():
    unpack(download(ODOO_PACKAGES, ODOO_SUITE), paths.PREFIX, _complete_odoo)


def _complete_odoo(prefix):
    script = prefix / paths.DIST_PACKAGES.relative_to(paths.PREFIX) / REMOVED_SCRIPT
    script.parent.mkdir(parents=True, exist_ok=True)
    script.touch()
    fonts = python_env.site_packages() / ICON_FONTS
    shutil.copytree(fonts, prefix / ICON_FONTS_LINKED, dirs_exist_ok=True)


def unpack(archives, prefix, complete):
    """Unpack Debian packages as ``prefix``, running none of their scripts.

    ``complete`` adds what is missing; the folder appears only when it is whole.
    """
    fresh = prefix.with_suffix(".partial")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    for archive in archives:
        subprocess.run(["dpkg-deb", "-x", archive, fresh], check=True)
    complete(fresh)
    shutil.rmtree(prefix, ignore_errors=True)
    fresh.rename(prefix)


def download(packages, suite):
    """Fetch ``packages`` of a Debian ``suite``; apt refuses what is not signed by Debian's keys.

    :return: the paths of the archives.
    """
    config = _suite_config(suite)
    folder = paths.DOWNLOADS / suite
    folder.mkdir(parents=True, exist_ok=True)
    apt(config, ["update"], folder)
    apt(config, ["download", *packages], folder, show=True)
    return [_newest(folder, package) for package in packages]


def download_missing(packages):
    """Fetch ``packages`` and what they need as far as this machine lacks it, from its own sources.

    :return: the paths of the archives.
    """
    config = _machine_config()
    apt(config, ["update"])
    apt(config, ["install", "--yes", "--download-only", "--no-install-recommends", *packages])
    return sorted((config.parent / "cache/archives").glob("*.deb"))


def _newest(folder, package):
    found = folder.glob(f"{package}_*.deb")
    return max(found, key=lambda archive: archive.stat().st_mtime)


def apt(config, arguments, folder=None, show=False):
    """Run apt-get with a configuration of ours, or the machine's own if None.

    :param show: show what it says as it goes, for what takes long.
    :return: what it says, if it is not shown.
    :raise SetupError: it fails.
    """
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}
    if config:
        environment["APT_CONFIG"] = str(config)
    command = ["apt-get", "-q", *arguments]
    output = sys.stderr if show else subprocess.PIPE
    result = subprocess.run(command, cwd=folder, env=environment, stdout=output,
                            stderr=subprocess.STDOUT, text=True)  # fmt: skip
    if result.returncode:
        raise SetupError(f"{' '.join(command)} failed:\n{result.stdout or '(see above)'}")
    return result.stdout


def _suite_config(suite):
    """A private apt configuration that knows ``suite`` alone."""
    home = _config_home(suite)
    source = home / "sources.list"
    source.write_text(f"deb [signed-by={KEYRING}] {mirror()} {suite} main\n")
    (home / "sources.d").mkdir(exist_ok=True)
    return _write_config(
        home,
        f'Dir::Etc::SourceList "{source}";',
        f'Dir::Etc::SourceParts "{home}/sources.d";',
        # a mirror may lag; the signature is still checked
        'Acquire::Check-Valid-Until "false";',
    )


def _machine_config():
    """A private apt configuration with the machine's own sources, usable without root."""
    return _write_config(_config_home("machine"), 'Debug::NoLocking "true";')


def _config_home(name):
    home = paths.APT / name
    for folder in ("lists/partial", "cache/archives/partial"):
        (home / folder).mkdir(parents=True, exist_ok=True)
    return home


def _write_config(home, *lines):
    config = home / "apt.conf"
    common = (
        f'Dir::State::Lists "{home}/lists";',
        f'Dir::Cache "{home}/cache";',
        'Acquire::Languages "none";',
        'Acquire::Retries "3";',
        # as root, apt would become _apt, which may not write into a checkout
        'APT::Sandbox::User "";',
    )
    config.write_text("\n".join((*common, *lines, "")))
    return config


@functools.cache
def mirror():
    """The Debian mirror this machine is configured for.

    :raise SetupError: no apt, or no Debian repository among its sources.
    """
    if not shutil.which("apt-get"):
        raise SetupError(
            "There is no apt here. Set COLLECTIONS_ODOO to a checkout of Odoo 19 instead."
        )
    query = ["indextargets", "--format", "$(REPO_URI)", "Created-By: Packages", "Label: Debian"]
    addresses = apt(None, query).split()
    if not addresses:  # the machine's package lists were never fetched, or removed to save space
        config = _machine_config()
        apt(config, ["update"])
        addresses = apt(config, query).split()
    if not addresses:
        raise SetupError(
            "apt knows no Debian repository. Set COLLECTIONS_ODOO to a checkout of Odoo 19 instead."
        )
    return addresses[0]
