"""Independent tasks come in; their results, made by a few threads, go out in the tasks' order.

Products of matrices and whole-array arithmetic release Python's lock, so threads share the work
without copies. A task writes what no other task reads; results do not depend on their number.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_THREADS: ContextVar[int] = ContextVar("threads", default=1)


@contextmanager
def threads(count: int) -> Iterator[None]:
    """Let `side_by_side` use so many threads inside the block."""
    token = _THREADS.set(int(count))
    try:
        yield
    finally:
        _THREADS.reset(token)


def side_by_side(task: Callable[[Any], Any], items: Iterable[Any]) -> list[Any]:
    """Return the task's result for each item, in order."""
    todo = list(items)
    count = min(_THREADS.get(), len(todo))
    if count <= 1:
        return [task(item) for item in todo]
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(task, todo))
