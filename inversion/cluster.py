"""In come a number of workers or a scheduler's address; out goes a pool that maps a function.

The one place that opens a Dask cluster. A local cluster is heard on the loopback address only;
a scheduler elsewhere is spoken to under TLS only, because whoever reaches a Dask scheduler can
run code on its workers.
"""

from __future__ import annotations

import logging
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from distributed import Client

logger = logging.getLogger(__name__)

Item = TypeVar("Item")
Result = TypeVar("Result")

LOOPBACK = "127.0.0.1"
KINDS = ("serial", "threads", "processes", "scheduler")

# Every key that bears on memory, files and ports, so that a user's own Dask settings change nothing
SETTINGS = {
    "distributed.worker.memory.target": 0.6,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": 0.9,
    "distributed.worker.memory.terminate": False,
    "distributed.scheduler.allowed-failures": 2,
    "distributed.diagnostics.nvml": False,
    "distributed.admin.tick.limit": "30s",
}
TLS_KEYS = ("ca-file", "client.cert", "client.key")


class Pool(Protocol):
    """What `open_cluster` yields."""

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
        """Return the results in the order of the items."""


class SerialPool:
    """A pool of this process alone."""

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
        """Return the results in the order of the items."""
        return [function(item) for item in items]


class DaskPool:
    """A pool of Dask workers."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
        """Return the results in the order of the items; a worker's error is raised here."""
        work: Sequence[Item] = list(items)
        # pure=False: equal items are computed apart, so nothing depends on hashing them
        return list(self._client.gather(self._client.map(function, work, pure=False)))


@contextmanager
def open_cluster(
    workers: int, kind: str = "threads", address: str | None = None, folder: str | None = None
) -> Iterator[Pool]:
    """Open a pool of workers, and close it at the end.

    Parameters
    ----------
    workers : int
        Number of workers (>= 1), as many as the rule has threads.
    kind : str
        "serial": no Dask; "threads": workers in this process, nothing leaves it; "processes":
        processes of this machine, on the loopback address and under TLS; "scheduler": a running
        scheduler at `address`, under TLS.
    address : str, optional
        ``tls://host:port`` of a running scheduler, for kind "scheduler" only.
    folder : str, optional
        Where workers write temporary files; the system's own by default.

    Yields
    ------
    Pool
        ``pool.map(function, items)`` returns results in the order of the items.

    Raises
    ------
    ValueError
        Where the kind is unknown, fewer than one worker is asked for, or a scheduler would be
        spoken to without TLS.

    Examples
    --------
    >>> with open_cluster(1, kind="serial") as pool:
    ...     pool.map(abs, [-2, 1])
    [2, 1]
    """
    _refuse(workers, kind, address)
    if kind == "serial":
        yield SerialPool()
        return
    # distributed adds its defaults to Dask's configuration when imported: before ours, or lost
    import dask
    import distributed  # noqa: F401

    settings = dict(SETTINGS)
    if folder is not None:
        settings["temporary-directory"] = folder
    with dask.config.set(settings), ExitStack() as stack:
        client = _open_client(stack, workers, kind, address)
        logger.info("cluster: %s, %d workers", kind, workers)
        yield DaskPool(client)


def _refuse(workers: int, kind: str, address: str | None) -> None:
    """Raise where a cluster cannot or must not be opened."""
    if kind not in KINDS:
        msg = (
            f"the kind of a cluster must be one of {KINDS}; got {kind!r} in open_cluster. "
            "Choose one of these."
        )
        raise ValueError(msg)
    if workers < 1:
        msg = (
            f"a cluster must have at least one worker; got {workers} in open_cluster. "
            "Give the rule one thread or more."
        )
        raise ValueError(msg)
    if (kind == "scheduler") != (address is not None):
        msg = (
            "a scheduler's address must be given for the kind 'scheduler' and for no other; got "
            f"kind {kind!r} and address {address!r} in open_cluster. Give both or neither."
        )
        raise ValueError(msg)
    if address is not None and not address.startswith("tls://"):
        msg = (
            f"a scheduler must be reached under TLS; got {address!r} in open_cluster. Start the "
            "scheduler with --tls-ca-file, --tls-cert and --tls-key, and give its tls:// address."
        )
        raise ValueError(msg)


def _open_client(stack: ExitStack, workers: int, kind: str, address: str | None) -> Client:
    """Return a client whose cluster closes with the stack."""
    from distributed import Client, LocalCluster
    from distributed.security import Security

    if kind == "scheduler":
        return stack.enter_context(Client(address, security=_configured_security()))
    # Without an address for its pages Dask serves them on every interface (0.0.0.0:8787)
    pages = {
        "dashboard_address": f"{LOOPBACK}:0",
        "worker_dashboard_address": f"{LOOPBACK}:0",
    }
    if kind == "threads":
        cluster = LocalCluster(
            n_workers=1,
            threads_per_worker=workers,
            processes=False,
            protocol="inproc://",
            **pages,
        )
        return stack.enter_context(Client(stack.enter_context(cluster)))
    security = Security.temporary()
    cluster = LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        processes=True,
        protocol="tls://",
        host=LOOPBACK,
        security=security,
        **pages,
    )
    return stack.enter_context(Client(stack.enter_context(cluster), security=security))


def _configured_security():
    """Return the certificates Dask's configuration names, or refuse."""
    import dask
    from distributed.security import Security

    missing = [key for key in TLS_KEYS if not dask.config.get(f"distributed.comm.tls.{key}", None)]
    if missing:
        msg = (
            "a scheduler must be reached with certificates; got no "
            f"{', '.join(missing)} under distributed.comm.tls in Dask's configuration. Name the "
            "files there."
        )
        raise ValueError(msg)
    return Security(require_encryption=True)
