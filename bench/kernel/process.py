"""One fresh kernel process under the clock: plain blocking sockets, and nothing between a message's arrival and its time.

(The tests' client, tests/jupyter/protocol/kernel.py, keeps every frame and looks into it; that would be measured too.)
"""
from __future__ import annotations

import os
import pathlib
import secrets
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass

import zmq
from jupyter_client.connect import write_connection_file
from jupyter_client.session import Session

TIMEOUT = 120.0
TICK = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


class KernelFailed(Exception):
    """The kernel ended, or did not answer in time, or answered wrongly."""


@dataclass
class Cell:
    """What came of one execute_request; times in milliseconds after it was sent."""

    status: str = ""
    reply: float = 0.0
    total: float = 0.0
    text: str = ""
    messages: int = 0
    error: str = ""


class KernelProcess:
    """A kernel from its spawn; ``started`` is the milliseconds to its first kernel_info_reply."""

    def __init__(self, argv: list[str], cwd: str, interrupt_by_message: bool):
        self._interrupt_by_message = interrupt_by_message
        self._home = tempfile.TemporaryDirectory(prefix="kadali-bench-")
        home = pathlib.Path(self._home.name)
        path, at = write_connection_file(str(home / "connection.json"), ip="127.0.0.1", key=secrets.token_hex(16).encode())
        self._session = Session(key=at["key"].encode(), signature_scheme=at["signature_scheme"])
        self._context = zmq.Context()
        # A history and settings of its own: those of the person who measures stay out of the figures.
        env = {**os.environ, "HOME": str(home), "XDG_DATA_HOME": str(home), "XDG_STATE_HOME": str(home), "IPYTHONDIR": str(home)}
        self.began = time.perf_counter()
        self._process = subprocess.Popen(
            [word.replace("{connection_file}", path) for word in argv],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=cwd, env=env)
        self._shell = self._connect(zmq.DEALER, at["shell_port"])
        self._control = self._connect(zmq.DEALER, at["control_port"])
        self._iopub = self._connect(zmq.SUB, at["iopub_port"])
        self._poller = zmq.Poller()
        self._poller.register(self._shell, zmq.POLLIN)
        self._poller.register(self._iopub, zmq.POLLIN)
        try:
            self.ask("kernel_info_request", {})
        except BaseException:
            self.close()
            raise
        self.started = self._since(self.began)

    def __enter__(self) -> KernelProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def ask(self, kind: str, content: dict) -> tuple[dict, float]:
        """The content of the reply, and its milliseconds."""
        began = time.perf_counter()
        sent = self._send(kind, content)
        while True:
            self._wait(began, self._shell)
            if (message := self._receive(self._shell)) and message["parent_header"].get("msg_id") == sent:
                return message["content"], self._since(began)

    def listen(self) -> None:
        """Asks until iopub brings a status: a subscription may lag behind the other sockets."""
        for _ in range(200):
            sent = self._send("kernel_info_request", {})
            until = time.perf_counter() + 0.2
            while time.perf_counter() < until:
                self._poller.poll(10)
                self._receive(self._shell)
                while message := self._receive(self._iopub):
                    if message["parent_header"].get("msg_id") == sent and message["content"].get("execution_state") == "idle":
                        return
        raise KernelFailed("iopub stays silent")

    def run(self, code: str, expect: str | None = None, need_idle: bool = True, interrupt_after: float | None = None) -> Cell:
        """Runs a cell until its reply and, unless iopub may still be deaf, its idle status have come."""
        cell, idle = Cell(), not need_idle
        content = {
            "code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False, "stop_on_error": True,
        }
        texts: list[str] = []
        began = time.perf_counter()
        sent = self._send("execute_request", content)
        while not (cell.status and idle):
            if interrupt_after is not None and self._since(began) >= interrupt_after:
                interrupt_after, began = None, time.perf_counter()
                self.interrupt()
            self._wait(began, self._poller, 5 if interrupt_after is not None else 1000)
            now = self._since(began)
            while (message := self._receive(self._shell)):
                if message["parent_header"].get("msg_id") == sent:
                    cell.status, cell.reply = message["content"]["status"], now
            while (message := self._receive(self._iopub)):
                if message["parent_header"].get("msg_id") != sent:
                    continue
                cell.messages += 1
                kind, said = message["msg_type"], message["content"]
                if kind == "status":
                    idle = idle or said["execution_state"] == "idle"
                elif kind == "stream":
                    texts.append(said["text"])
                elif kind in ("execute_result", "display_data"):
                    texts.append(said["data"].get("text/plain", ""))
                elif kind == "error":
                    cell.error = f"{said['ename']}: {said['evalue']}"
            cell.total = now
        cell.text = "".join(texts)
        if expect is not None and (cell.status != "ok" or need_idle and expect not in cell.text):
            raise KernelFailed(f"{code!r} gave {cell.status} {cell.text[:200]!r} {cell.error}")
        return cell

    def interrupt(self) -> None:
        if self._interrupt_by_message:
            self._session.send(self._control, "interrupt_request", {})
        else:
            self._process.send_signal(signal.SIGINT)

    def memory(self) -> float:
        """Resident memory of the process now, in MiB."""
        return self._status("VmRSS")

    def peak_memory(self) -> float:
        """The most resident memory that the process has had, in MiB."""
        return self._status("VmHWM")

    def cpu_seconds(self) -> float:
        """Processor time so far: nearly the same however loaded the machine is."""
        stat = pathlib.Path(f"/proc/{self._process.pid}/stat").read_bytes()
        fields = stat[stat.rindex(b")") + 2:].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    def close(self) -> None:
        if self._process.poll() is None:
            self._session.send(self._control, "shutdown_request", {"restart": False})
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._context.destroy(linger=0)
        self._home.cleanup()

    def _connect(self, kind: int, port: int) -> zmq.Socket:
        socket = self._context.socket(kind)
        # The kernel binds after us: the usual 100 ms between attempts would hide its start.
        socket.setsockopt(zmq.RECONNECT_IVL, 5)
        socket.setsockopt(zmq.RCVHWM, 0)
        if kind == zmq.SUB:
            socket.subscribe(b"")
        else:
            socket.identity = self._session.bsession
        socket.connect(f"tcp://127.0.0.1:{port}")
        return socket

    def _send(self, kind: str, content: dict) -> str:
        return self._session.send(self._shell, kind, content)["header"]["msg_id"]

    def _wait(self, began: float, on: zmq.Poller | zmq.Socket, milliseconds: int = 1000) -> None:
        if not on.poll(milliseconds) and self._process.poll() is not None:
            raise KernelFailed(f"the kernel's process ended with code {self._process.returncode}")
        if time.perf_counter() - began > TIMEOUT:
            raise KernelFailed(f"no answer in {TIMEOUT:.0f} s")

    def _receive(self, socket: zmq.Socket) -> dict | None:
        return self._session.recv(socket, mode=zmq.NOBLOCK)[1]

    def _status(self, name: str) -> float:
        for line in pathlib.Path(f"/proc/{self._process.pid}/status").read_text().splitlines():
            if line.startswith(name + ":"):
                return int(line.split()[1]) / 1024
        raise KernelFailed(f"/proc has no {name}")

    @staticmethod
    def _since(began: float) -> float:
        return (time.perf_counter() - began) * 1e3
