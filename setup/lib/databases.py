"""Databases: created by cloning, with their file store, and prepared once for many uses."""

import contextlib
import hashlib
import itertools
import json
import os
import shutil

import psycopg2
from psycopg2 import sql

from . import inside, odoo, paths
from .progress import SetupError, exclusive, step

# what our add-ons depend on, what installs itself beside them, and ways to pay: tests and
# the demo pay by Odoo's demo provider and by wire transfer
DEPENDENCIES = (
    "account",
    "account_payment",
    "crm",
    "payment_custom",
    "payment_demo",
    "phone_validation",
    "portal",
    "sale",
    "sale_stock",
    "sms",
    "snailmail_account",
    "spreadsheet_dashboard_account",
)
LANGUAGES = "en_US,fr_FR"
TEMPORARY = "tmp_"
MINIMUM_POSTGRESQL = 13
_numbers = itertools.count(1)


@contextlib.contextmanager
def _maintenance(server):
    """A cursor in the server's own database; what ``server`` leaves open, PGHOST… say.

    :raise SetupError: the server does not let us in
    """
    parameters = {"PGHOST": "host", "PGUSER": "user"}
    options = {parameters[name]: value for name, value in server.items()}
    try:
        connection = psycopg2.connect(dbname="postgres", **options)
    except psycopg2.OperationalError as error:
        raise SetupError(f"PostgreSQL: {' '.join(str(error).split())}") from error
    connection.autocommit = True  # CREATE DATABASE refuses a transaction
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


def _execute(server, statement, **names):
    with _maintenance(server) as cursor:
        identifiers = {key: sql.Identifier(value) for key, value in names.items()}
        cursor.execute(sql.SQL(statement).format(**identifiers))


def check_role(server):
    """See to it that Odoo can work as the role that we are.

    :raise SetupError: it cannot; the message says why
    """
    with _maintenance(server) as cursor:
        cursor.execute(
            "SELECT rolname, rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
        )
        ((role, may_create),) = cursor.fetchall()
        version = cursor.connection.server_version // 10_000
    if role == "postgres":
        raise SetupError("Odoo refuses to work as the PostgreSQL role 'postgres': set PGUSER.")
    if not may_create:
        raise SetupError(f"The PostgreSQL role {role!r} may not create databases.")
    if version < MINIMUM_POSTGRESQL:
        raise SetupError(f"PostgreSQL is {version}; Odoo 19 needs {MINIMUM_POSTGRESQL} or newer.")


def exists(server, name):
    with _maintenance(server) as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        return bool(cursor.fetchone())


def names(server):
    with _maintenance(server) as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE NOT datistemplate ORDER BY datname")
        return [name for (name,) in cursor.fetchall() if name != "postgres"]


def _store(name):
    return paths.FILESTORE / "filestore" / name


def drop(server, name):
    """Remove a database, whoever is connected to it, and its file store."""
    _execute(server, "DROP DATABASE IF EXISTS {name} WITH (FORCE)", name=name)
    shutil.rmtree(_store(name), ignore_errors=True)


def clone(server, template, name):
    """Create ``name`` as a copy of ``template``, replacing what was there."""
    drop(server, name)
    with exclusive(f"clone-{template}"):  # PostgreSQL refuses two copies at once
        _execute(server, f"CREATE DATABASE {{name}} TEMPLATE {{template}} {_by_files(server)}",
                 name=name, template=template)  # fmt: skip
    if _store(template).exists():
        # files are named by their content and never change: links are enough
        shutil.copytree(_store(template), _store(name), copy_function=os.link)


def _by_files(server):
    """How to say that a database is copied by files: through the log it takes twice as long."""
    with _maintenance(server) as cursor:
        # before, there was no other way, nor a word for it
        return "STRATEGY FILE_COPY" if cursor.connection.server_version >= 15_00_00 else ""


def _rename(server, old, new):
    drop(server, new)
    _execute(server, "ALTER DATABASE {old} RENAME TO {new}", old=old, new=new)
    if _store(old).exists():
        _store(old).rename(_store(new))


@contextlib.contextmanager
def temporary(server, template, purpose):
    """A copy of ``template`` for this block; its name tells the purpose and our process."""
    _drop_abandoned(server)
    name = f"{TEMPORARY}{purpose}_{os.getpid()}_{next(_numbers)}"
    clone(server, template, name)
    try:
        yield name
    finally:
        drop(server, name)


def _drop_abandoned(server):
    """Drop the temporary databases of processes that were killed."""
    for name in names(server):
        if name.startswith(TEMPORARY):
            process = int(name.split("_")[-2])
            if not os.path.exists(f"/proc/{process}"):
                drop(server, name)


# === PREPARED DATABASES === #


def dependencies(server, demo):
    """A prepared database with what our add-ons depend on; return its name."""
    name = "tpl_account_demo" if demo else "tpl_account"
    arguments = ["--init", ",".join(DEPENDENCIES), "--load-language", LANGUAGES]
    if demo:
        arguments.append("--with-demo")
    fingerprint = [str(odoo.source()), *arguments]
    return _prepared(server, name, fingerprint, None, arguments)


def with_our_addons(server, demo):
    """A prepared database with our add-ons installed too; made again when their files change."""
    base = dependencies(server, demo)
    arguments = ["--init", _our_names()]
    # what it is cloned from counts too: other dependencies make it anew
    fingerprint = [*DEPENDENCIES, *arguments, _digest(paths.addons())]
    name = _name(demo)
    # pages of the demo, and of the tests on it: what they load is made once for all copies
    finish = "lib.inside:make_assets" if demo else None
    return _prepared(server, name, fingerprint, base, arguments, finish)


def for_addon_tests(server):
    """A prepared database for the add-ons' own tests; return its name.

    It has their demo data, and what the tests would make anew, class by class.
    """
    base = with_our_addons(server, demo=True)
    maker = paths.ROOT / "account_collections/tests/company_common.py"
    fingerprint = [(paths.STAMPS / f"{base}.database").read_text(), maker.read_text()]
    return _prepared(
        server, "tpl_collections_tests", fingerprint, base, None, "lib.inside:prepare_for_tests"
    )


def demo(server, name, reset):
    """See to it that ``name`` is a database for a demo: kept from call to call unless ``reset``.

    It is brought up to date when the files of our add-ons change.
    """
    stamp = paths.STAMPS / f"{name}.database"
    current = _digest(paths.addons())
    if reset or not exists(server, name):
        clone(server, with_our_addons(server, demo=True), name)
    elif not stamp.exists() or stamp.read_text() != current:
        with step(f"Update of database {name}"):
            _install(server, name, ["--update", _our_names()])
    stamp.write_text(current)


def _our_names():
    return ",".join(folder.name for folder in paths.addons())


def _prepared(server, name, fingerprint, base, arguments, finish=None):
    """Install once, keep under ``name``; it appears under that name when it is complete.

    :param arguments: what Odoo is to install, None where the copy of ``base`` has it
    :param finish: a piece of work to do inside the new database, see :func:`.inside.call`
    """
    stamp = paths.STAMPS / f"{name}.database"
    wanted = json.dumps(fingerprint)
    with exclusive(name):
        if exists(server, name) and stamp.exists() and stamp.read_text() == wanted:
            return name
        check_role(server)
        building = _building(name)
        with step(f"Prepared database {name}"):
            if base:
                clone(server, base, building)
            else:
                drop(server, building)
            if arguments:
                _install(server, building, arguments)
            if finish:
                inside.call(server, building, finish)
            _rename(server, building, name)
        stamp.write_text(wanted)
    return name


def log_of_installation(demo):
    """What Odoo wrote while it installed our add-ons in a prepared database."""
    return _log(_building(_name(demo)))


def _name(demo):
    return "tpl_collections_demo" if demo else "tpl_collections"


def _building(name):
    return f"{name}_building"


def _log(name):
    return paths.LOGS / f"{name}.log"


def _install(server, name, arguments):
    log = _log(name)
    log.parent.mkdir(exist_ok=True)
    with log.open("w") as handle:
        command = ["--database", name, *arguments, "--stop-after-init", "--no-http"]
        result = odoo.run(server, *command, stdout=handle, stderr=handle)
    if result.returncode:
        raise SetupError(f"Odoo failed on database {name}; its log: {log}")


def _digest(folders):
    """A digest of all files of the add-ons, names and contents; their tests install nothing."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.suffix != ".pyc" and folder / "tests" not in path.parents:
                digest.update(str(path.relative_to(folder)).encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()
