"""A Jupyter front end that sees every frame: starts the kernel under test and talks to it over its sockets.

Nothing here sleeps: each wait ends with the message waited for, the end of the process, or a time limit that fails the test.
"""
from __future__ import annotations

import contextlib
import os
import pathlib
import secrets
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass, field

import zmq
from jupyter_client.connect import write_connection_file
from jupyter_client.session import Session

ROOT = pathlib.Path(__file__).resolve().parents[3]
PROGRAM = pathlib.Path(os.environ.get("KADALI_PROGRAM", ROOT / ".kadali" / "bin" / "kadali"))
CHANNELS = {"shell": zmq.DEALER, "control": zmq.DEALER, "stdin": zmq.DEALER, "iopub": zmq.SUB}


class KernelEnded(AssertionError):
    pass


@dataclass
class Run:
    """What came of one execute_request."""

    reply: dict = field(default_factory=dict)
    messages: list = field(default_factory=list)
    seconds: float = 0.0

    @property
    def status(self):
        return self.reply.get("status")

    def contents(self, *kinds):
        return [m["content"] for m in self.messages if m["msg_type"] in kinds]

    def stream(self, name):
        return "".join(c["text"] for c in self.contents("stream") if c["name"] == name)

    @property
    def stdout(self):
        return self.stream("stdout")

    @property
    def stderr(self):
        return self.stream("stderr")

    @property
    def result(self):
        """The text of the cell's value, or None."""
        values = self.contents("execute_result")
        return values[-1]["data"]["text/plain"] if values else None

    @property
    def error(self):
        errors = self.contents("error")
        return errors[-1] if errors else None


class Kernel:
    """One kernel process, its sockets, and the messages that came, by the request that they answer."""

    def __init__(self, argv=None, env=None):
        self.folder = tempfile.TemporaryDirectory(prefix="kadali-test-")
        home = pathlib.Path(self.folder.name)
        self.connection_file, self.connection = write_connection_file(
            str(home / "connection.json"), ip="127.0.0.1", key=secrets.token_hex(16).encode())
        self.session = Session(key=self.connection["key"].encode(), signature_scheme=self.connection["signature_scheme"])
        self.words = argv or [str(PROGRAM), "kernel", "{connection_file}"]
        self.log = home / "kernel.log"
        # A history of its own: the tests must not read or write that of the person who runs them.
        self.env = {**os.environ, "HOME": str(home), "XDG_DATA_HOME": str(home / "share"), "XDG_STATE_HOME": str(home / "state"),
                    "NUGET_PACKAGES": os.environ.get("NUGET_PACKAGES", str(pathlib.Path.home() / ".nuget" / "packages")), **(env or {})}
        self.log_file = self.log.open("wb")
        self.process = self.start()
        self.context = zmq.Context()
        self.sockets = {}
        self.poller = zmq.Poller()
        self.by_parent = {}
        self.unread = []
        for channel, kind in CHANNELS.items():
            self.open(channel, kind)
        try:
            self.wait_until_it_answers()
        except BaseException:
            self.close()
            raise

    def start(self):
        return subprocess.Popen(
            [w.replace("{connection_file}", self.connection_file) for w in self.words],
            stdin=subprocess.DEVNULL, stdout=self.log_file, stderr=self.log_file, cwd=self.folder.name, env=self.env)

    def start_again(self):
        """What Jupyter does when a kernel has died."""
        self.process = self.start()
        self.wait_until_it_answers()

    def wait_until_it_answers(self):
        self.ask("kernel_info_request", {}, timeout=60)
        # The subscription may lag behind the other sockets: ask until a status shows.
        for _ in range(100):
            asked = self.send("kernel_info_request", {})
            if self.wait(lambda c, m: c == "iopub" and parent(m) == asked, timeout=0.5, required=False):
                return
        raise AssertionError("no status on iopub")

    def open(self, channel, kind):
        socket = self.context.socket(kind)
        socket.linger = 0
        socket.setsockopt(zmq.RECONNECT_IVL, 5)
        socket.rcvhwm = 0
        if kind == zmq.SUB:
            socket.subscribe(b"")
        else:
            socket.identity = self.session.bsession
        socket.connect(f"tcp://127.0.0.1:{self.connection[channel + '_port']}")
        self.sockets[channel] = socket
        self.poller.register(socket, zmq.POLLIN)

    def send(self, kind, content, channel="shell", **more):
        return self.session.send(self.sockets[channel], kind, content, **more)["header"]["msg_id"]

    def send_frames(self, frames, channel="shell"):
        self.sockets[channel].send_multipart(frames)

    def pump(self, seconds):
        """Takes what has come, waiting at most so long for the first message. Gives (channel, message) pairs."""
        names = {s: c for c, s in self.sockets.items()}
        came = []
        for socket, _ in self.poller.poll(max(0, seconds) * 1000):
            while True:
                try:
                    frames = socket.recv_multipart(zmq.NOBLOCK)
                except zmq.Again:
                    break
                _, frames = self.session.feed_identities(frames)
                message = self.session.deserialize(frames)
                came.append((names[socket], message))
                self.by_parent.setdefault(parent(message), []).append((names[socket], message))
        return came

    def wait(self, wanted, timeout=30, required=True, seen=()):
        """The first message, of those seen and those that come, for which wanted(channel, message) is true."""
        end = time.monotonic() + timeout
        came = list(seen)
        while True:
            for channel, message in came:
                if wanted(channel, message):
                    return message
            left = end - time.monotonic()
            if left <= 0:
                if required:
                    log = self.read_log()[-2000:]
                    raise AssertionError(f"what was waited for did not come within {timeout} s; the kernel's log: {log}")
                return None
            came = self.pump(min(left, 0.2))
            if not came and self.process.poll() is not None:
                came = self.pump(0)
                if not came:
                    raise KernelEnded(f"the kernel ended with {self.process.returncode}: {self.read_log()[-2000:]}")

    def wait_for(self, asked, wanted, timeout=30):
        """The first message for a request, come already or not, for which wanted(channel, message) is true."""
        return self.wait(lambda c, m: parent(m) == asked and wanted(c, m), timeout, seen=list(self.by_parent.get(asked, [])))

    def ask(self, kind, content, channel="shell", timeout=30):
        """The content of the reply."""
        asked = self.send(kind, content, channel)
        return self.wait_for(asked, lambda c, _: c == channel, timeout)["content"]

    def begin(self, code, allow_stdin=False, **more):
        content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": allow_stdin,
                   "stop_on_error": True, **more}
        return self.send("execute_request", content)

    def printed(self, asked, text, timeout=30):
        """Waits until a cell has printed a text."""
        said = []

        def wanted(channel, message):
            if channel == "iopub" and message["msg_type"] == "stream":
                said.append(message["content"]["text"])
            return text in "".join(said)

        self.wait_for(asked, wanted, timeout)

    def end(self, asked, timeout=30):
        """Waits for the reply and the idle status of a cell; gives all that it said."""
        began = time.monotonic()
        reply = self.wait_for(asked, lambda c, _: c == "shell", timeout)
        self.wait_for(asked, lambda c, m: c == "iopub" and m["msg_type"] == "status" and m["content"]["execution_state"] == "idle", timeout)
        said = [m for c, m in self.by_parent.pop(asked) if c == "iopub"]
        return Run(reply["content"], said, time.monotonic() - began)

    def run(self, code, timeout=60, **more):
        return self.end(self.begin(code, **more), timeout)

    def answer(self, asked, value, timeout=30):
        """Answers the question that a cell asks; gives the question."""
        question = self.wait_for(asked, lambda c, m: c == "stdin" and m["msg_type"] == "input_request", timeout)
        self.by_parent[asked] = [(c, m) for c, m in self.by_parent[asked] if m is not question]
        self.session.send(self.sockets["stdin"], "input_reply", {"status": "ok", "value": value}, parent=question)
        return question["content"]

    def interrupt(self):
        self.send("interrupt_request", {}, "control")

    def cpu_seconds(self):
        return self._cpu(pathlib.Path(f"/proc/{self.process.pid}"))[1]

    def compiling_seconds(self):
        """What the runtime's threads took that compile what ran often again, whatever runs by now."""
        total = 0.0
        for thread in pathlib.Path(f"/proc/{self.process.pid}/task").iterdir():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # Threads end at any time.
                name, seconds = self._cpu(thread)
                total += seconds if name == b".NET Tiered Com" else 0
        return total

    @staticmethod
    def _cpu(folder):
        """The name of a process or thread, and the processor time that it took."""
        head, _, fields = (folder / "stat").read_bytes().rpartition(b")")
        user, system = fields.split()[11:13]
        return head.partition(b"(")[2], (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def resident_mib(self):
        with open(f"/proc/{self.process.pid}/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1024

    def read_log(self):
        return self.log.read_text(errors="replace")

    def wait_ended(self, timeout=30):
        return self.process.wait(timeout)

    def close(self):
        if self.process.poll() is None:
            self.send("shutdown_request", {"restart": False}, "control")
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.send_signal(signal.SIGKILL)
                self.process.wait()
        self.log_file.close()
        self.context.destroy(linger=0)
        self.folder.cleanup()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def parent(message):
    return (message.get("parent_header") or {}).get("msg_id")

