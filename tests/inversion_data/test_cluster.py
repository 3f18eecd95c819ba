"""The pool: order, errors, and who can hear it."""

import os
import socket

import dask
import psutil
import pytest

from inversion.cluster import open_cluster


def double(number):
    return 2 * number


def refuse(number):
    msg = f"no {number}"
    raise ArithmeticError(msg)


def listening():
    """Return the addresses this process and its children listen on."""
    here = psutil.Process(os.getpid())
    connections = [
        connection
        for process in (here, *here.children(recursive=True))
        for connection in process.net_connections(kind="inet")
    ]
    return sorted({entry.laddr.ip for entry in connections if entry.status == "LISTEN"})


@pytest.mark.parametrize("kind", ["serial", "threads"])
def test_results_keep_the_order_of_the_items(kind):
    with open_cluster(2, kind=kind) as pool:
        assert pool.map(double, [3, 1, 2, 3]) == [6, 2, 4, 6]


def test_threads_are_heard_on_loopback_only():
    before = listening()
    with open_cluster(2) as pool:
        pool.map(double, [1])
        opened = sorted(frozenset(listening()) - frozenset(before))
        assert frozenset(opened) <= {"127.0.0.1", "::1"}


def test_processes_are_heard_on_loopback_only_and_speak_tls(tmp_path):
    before = listening()
    with open_cluster(1, kind="processes", folder=str(tmp_path)) as pool:
        assert pool.map(double, [1, 2]) == [2, 4]
        assert pool._client.scheduler.address.startswith("tls://127.0.0.1:")
        opened = sorted(frozenset(listening()) - frozenset(before))
        assert frozenset(opened) <= {"127.0.0.1", "::1"}


def test_the_guard_would_hear_an_open_door():
    with socket.socket() as door:
        door.bind(("0.0.0.0", 0))
        door.listen()
        assert "0.0.0.0" in listening()


def test_a_workers_error_is_raised_here():
    with open_cluster(1) as pool, pytest.raises(ArithmeticError, match="no 3"):
        pool.map(refuse, [3])


def test_settings_hold_inside_and_are_given_back():
    with open_cluster(1, folder="somewhere"):
        assert dask.config.get("distributed.worker.memory.terminate") is False
        assert dask.config.get("temporary-directory") == "somewhere"
    assert dask.config.get("temporary-directory") != "somewhere"


def test_plaintext_scheduler_is_refused():
    with (
        pytest.raises(ValueError, match=r"under TLS; got 'tcp://10.0.0.1:8786'.*--tls-cert"),
        open_cluster(1, kind="scheduler", address="tcp://10.0.0.1:8786"),
    ):
        pass


def test_scheduler_without_certificates_is_refused():
    with (
        pytest.raises(ValueError, match="with certificates; got no ca-file"),
        open_cluster(1, kind="scheduler", address="tls://10.0.0.1:8786"),
    ):
        pass


def test_unknown_kind_is_refused():
    with (
        pytest.raises(ValueError, match=r"must be one of .*; got 'slurm'"),
        open_cluster(1, "slurm"),
    ):
        pass


def test_no_workers_are_refused():
    with pytest.raises(ValueError, match="at least one worker; got 0"), open_cluster(0):
        pass


def test_address_without_its_kind_is_refused():
    with (
        pytest.raises(ValueError, match="for the kind 'scheduler' and for no other"),
        open_cluster(1, address="tls://10.0.0.1:8786"),
    ):
        pass
