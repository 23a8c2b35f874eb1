"""For all tests."""

from __future__ import annotations

import gc
import signal
from collections.abc import Iterator
from types import FrameType

import pytest
from hypothesis import HealthCheck, given, settings, strategies

from tests import secret_marks, time_limit
from tests.cups.server import CupsServer

#: Longer values make names that nobody can type, and certificates make names that differ from run to run.
LONGEST_ID = 32

#: What a shell ignores in the commands that it starts in the background, and nohup in its own.
OF_THE_TERMINAL = (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP)


TIME_LIMIT = pytest.StashKey[time_limit.TimeLimit]()


def pytest_configure(config: pytest.Config) -> None:
    """Look at the clock from here on; standard error is still pytest's own."""
    config.stash[TIME_LIMIT] = time_limit.TimeLimit()
    # How long examples take to be made up says how busy the machine is, not that they are wrong.
    settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("busy")


def pytest_collection_finish() -> None:
    """What pytest knows of thousands of tests stays to the end; the collector need not look at it again and again."""
    given(strategies.none())(lambda nothing: None)()  # Hypothesis looks for what refers to its sources of chance
    gc.collect()
    gc.freeze()


def _in_time(item: pytest.Item) -> Iterator[None]:
    is_long = item.get_closest_marker("soak") is not None
    with item.config.stash[TIME_LIMIT].seconds(time_limit.MOST_SECONDS_OF_SOAK if is_long else time_limit.MOST_SECONDS):
        yield


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    """Limit the time of the fixtures."""
    yield from _in_time(item)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Limit the time of the test."""
    yield from _in_time(item)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    """Limit the time in which the fixtures come to an end."""
    yield from _in_time(item)


@pytest.fixture(scope="session", autouse=True)
def nothing_has_leaked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """When all tests of this process are over, look for their secrets in what ours has written and started."""
    with secret_marks.arguments_looked_at() as found:
        yield
    found += secret_marks.leaks(tmp_path_factory.getbasetemp())
    assert not found, "\n".join(found)


@pytest.fixture(scope="session")
def shared_cups() -> Iterator[CupsServer]:
    """A cupsd that all files of tests share."""
    with CupsServer() as server:
        yield server


@pytest.fixture(scope="module")
def cups(shared_cups: CupsServer) -> Iterator[CupsServer]:
    """The shared cupsd as if it were new: no queue, no pin and nothing learned is left by another file of tests."""
    yield shared_cups
    shared_cups.clear()


@pytest.fixture(scope="session", autouse=True)
def signals_reach_programs() -> Iterator[None]:
    """Let programs that tests start get the signals that this process was told to ignore.

    What is ignored stays so in all that is started from here, and a shell cannot even trap it. What is caught, by a
    function that does nothing, is as good as ignored here and has its usual effect there.
    """
    ignored = [number for number in OF_THE_TERMINAL if signal.getsignal(number) == signal.SIG_IGN]
    for number in ignored:
        signal.signal(number, _nothing)
    yield
    for number in ignored:
        signal.signal(number, signal.SIG_IGN)


def _nothing(number: int, frame: FrameType | None) -> None:
    pass


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """Name a case with a long value after its argument, so that parallel runs agree on the names."""
    return argname if isinstance(val, (str, bytes)) and len(val) > LONGEST_ID else None
