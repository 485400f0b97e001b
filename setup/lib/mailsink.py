"""A local SMTP server that keeps what it is sent: demo mail can be read and never leaves.

Messages are files in the order of their arrival, in standard form (.eml: any mail program opens
them). ``setup/mail`` lists them, ``setup/mail NUMBER`` shows one.
"""

import argparse
import email
import email.policy
import socket
import sys

from aiosmtpd.controller import Controller

from . import paths
from .progress import end_with_reader


class Keeper:
    """Keeps each message of one SMTP server in a folder."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._last = max((int(path.stem) for path in folder.glob("*.eml")), default=0)

    async def handle_DATA(self, _server, _session, envelope):
        """aiosmtpd's hook: the message is on disk before the sender is told it was accepted."""
        self._last += 1
        message = self.folder / f"{self._last:05}.eml"
        partial = message.with_suffix(".partial")
        recipients = ", ".join(envelope.rcpt_tos)
        partial.write_bytes(f"X-Envelope-To: {recipients}\r\n".encode() + envelope.content)
        partial.replace(message)
        return "250 kept"


def serve(port, folder=paths.MAIL):
    """Return a server on 127.0.0.1; ``start()`` and ``stop()`` it.

    aiosmtpd runs it in a thread of this process.
    """
    return Controller(Keeper(folder), hostname="127.0.0.1", port=port)


def free_port(wanted=0):
    """``wanted`` if it is free on 127.0.0.1, else the next free one; 0: any."""
    for port in range(wanted, wanted + 100):
        with socket.socket() as probe:
            # a port that waits for its last connections to fade is free for a server
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return probe.getsockname()[1]
    raise OSError(f"no free port from {wanted} to {wanted + 99}")


def _messages(folder=paths.MAIL):
    for path in sorted(folder.glob("*.eml")):
        with path.open("rb") as handle:
            yield path, email.message_from_binary_file(handle, policy=email.policy.default)


def _list():
    for path, message in _messages():
        attachments = ", ".join(part.get_filename("?") for part in message.iter_attachments())
        print(f"{int(path.stem):>5}  {message['Date']}  {message['To']}")
        print(f"       {message['Subject']}" + (f"  [{attachments}]" if attachments else ""))
    print(f"\nThe files are in {paths.MAIL}.")


def _show(number):
    for path, message in _messages():
        if int(path.stem) == number:
            print(
                "\n".join(f"{name}: {message[name]}" for name in ("From", "To", "Subject", "Date"))
            )
            print("\n" + message.get_body(("plain", "html")).get_content())


def main():
    parser = argparse.ArgumentParser(prog="setup/mail", description="The mail of the demo.")
    parser.add_argument("number", type=int, nargs="?", help="show this message")
    number = parser.parse_args().number
    end_with_reader()
    if number is None:
        _list()
    else:
        _show(number)
    return 0


if __name__ == "__main__":
    sys.exit(main())
