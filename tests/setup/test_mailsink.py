"""The demo's mail sink."""

import signal
import smtplib
import subprocess
import sys

from lib import mailsink, paths


def _receive(folder, *texts):
    """Let a sink that keeps its mail in the folder receive messages."""
    sink = mailsink.serve(mailsink.free_port(), folder)
    sink.start()
    try:
        with smtplib.SMTP("127.0.0.1", sink.port) as client:
            for text in texts:
                client.sendmail("us@us.example", ["them@them.example"], f"Subject: {text}\r\n\r\n")
    finally:
        sink.stop()


def test_messages_are_kept_in_order(tmp_path):
    _receive(tmp_path, "first", "second")
    _receive(tmp_path, "after a restart")
    kept = sorted(tmp_path.iterdir())
    assert [path.name for path in kept] == ["00001.eml", "00002.eml", "00003.eml"]
    assert b"X-Envelope-To: them@them.example" in kept[0].read_bytes()
    assert b"after a restart" in kept[2].read_bytes()


def test_busy_port_is_passed_over(tmp_path):
    sink = mailsink.serve(mailsink.free_port(), tmp_path)
    sink.start()
    try:
        assert mailsink.free_port(sink.port) > sink.port
    finally:
        sink.stop()


def test_nobody_reads_on():
    """As in ``setup/mail | head``: no traceback."""
    command = [sys.executable, "-m", "lib.mailsink"]
    with subprocess.Popen(
        command,
        cwd=paths.SETUP,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        process.stdout.close()
        said = process.stderr.read()
    assert (process.returncode, said) == (-signal.SIGPIPE, b"")
