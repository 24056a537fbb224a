"""The thread of a database that works for its live collections. It waits in the library, without the
GIL, has the replicas do their work, and hands what comes of it to each front's event loop. No thread of
the engine ever runs Python."""

from __future__ import annotations

import atexit
import threading
import time
import weakref
from collections import deque
from typing import Any, Callable, Deque, Dict, List, Tuple

from .._cairn import Handle
from .._errors import Closed
from .._library import api, result
from .._owner import Owner
from .._schemas import EventKind
from .._tables import make

# How often a replica is told the time, in milliseconds.
TICK_MS = 100

Effect = Dict[str, Any]


class Link(Owner):
    """One replica. Events may be sent by any thread, and never wait for its work; effects are given to
    `take`, and what could not be sent to `failed`, in the runner's thread."""

    __slots__ = ("_take", "_failed", "_lock", "_outbox", "_ticked")

    def __init__(
        self, replica: Handle, take: Callable[[Effect], None], failed: Callable[[int, BaseException], None]
    ) -> None:
        super().__init__(replica, api.cairn_replica_close)
        self._take = take
        self._failed = failed
        self._lock = threading.Lock()  # of the replica, which is for one thread at a time
        self._outbox: Deque[Tuple[int, bytes]] = deque()
        self._ticked = 0

    def send(self, number: int, event: bytes) -> None:
        self._outbox.append((number, event))
        # Sending wakes the runner. Where it has the replica itself it looks here before it waits.
        if self._lock.acquire(blocking=False):
            try:
                self._send_all()
            finally:
                self._lock.release()

    @property
    def has_events(self) -> bool:
        return bool(self._outbox)

    def work(self) -> None:
        """Does all there is to do now."""
        now = time.monotonic_ns() // 1_000_000
        if now - self._ticked >= TICK_MS:
            self._ticked = now
            self._outbox.append((0, api.encode_event(EventKind.Tick, 0, now_ms=now)))
        while True:
            with self._lock:
                self._send_all()
                if self.closed:
                    return
                status, effect = api.cairn_replica_next(self._handle)
            if status != api.CAIRN_OK or effect is None:
                return
            self._take(api.decode_effect(effect))

    def close(self) -> None:
        """Waits for the work that is going on."""
        with self._lock:
            super().close()

    def _send_all(self) -> None:
        while self._outbox:
            number, event = self._outbox.popleft()
            if self.closed:
                continue
            try:
                api.cairn_replica_send(self._handle, event)
            except Exception as error:  # noqa: BLE001 - the front tells whoever waits for it
                self._failed(number, error)


class Runner:
    """Runs while a database has live collections."""

    def __init__(self, database: Handle, in_memory: bool) -> None:
        options = make("CoordinatorOptions", {"kind": "Single" if in_memory else "Native"})
        self.coordinator = result(api.cairn_coordinator_open(database, options))
        self.users = 0
        self._links: List[Link] = []
        self._lock = threading.Lock()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="cairn", daemon=True)
        self._thread.start()
        _running.add(self)

    def add(self, link: Link) -> None:
        with self._lock:
            self._links.append(link)

    def remove(self, link: Link) -> None:
        with self._lock:
            if link in self._links:
                self._links.remove(link)
        link.close()

    def stop(self) -> None:
        self._stopping = True
        with self._lock:
            links, self._links = self._links, []
        for link in links:
            link.send(0, api.encode_event(EventKind.Tick, 0))  # ends the wait
        # Whatever ends the last one may be collected as garbage in this very thread.
        if threading.current_thread() is not self._thread:
            self._thread.join()
        for link in links:
            link._failed(0, Closed("database"))
            link.close()
        api.cairn_coordinator_close(self.coordinator)
        _running.discard(self)

    def _run(self) -> None:
        while not self._stopping:
            with self._lock:
                links = list(self._links)
            for link in links:
                self._work(link)
            if not self._stopping and not any(link.has_events for link in links):
                self._wait()

    def _work(self, link: Link) -> None:
        try:
            link.work()
        except Closed:
            pass  # meanwhile, by whoever does not want it any more
        except Exception as error:  # noqa: BLE001 - the front tells its users
            with self._lock:
                if link in self._links:
                    self._links.remove(link)
            link._failed(0, error)

    def _wait(self) -> None:
        # Between processes the engine does it all itself; what there was is taken for the next wait.
        while api.cairn_coordinator_next(self.coordinator)[0] == api.CAIRN_OK:
            pass
        api.cairn_wait(self.coordinator, TICK_MS)


_running: weakref.WeakSet[Runner] = weakref.WeakSet()


@atexit.register
def _stop_all() -> None:
    # A thread that waits in the library must not outlive the interpreter.
    for runner in list(_running):
        runner.stop()
