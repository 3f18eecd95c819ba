import pytest
import report_fakes as fakes

from report.build import build_report


@pytest.fixture(scope="session")
def city_inputs():
    city = fakes.hangzhou(cell=12000.0, days=5)
    return fakes.fake_inputs(city, settings=fakes.fake_settings(city, map_sectors=("all",)))


@pytest.fixture(scope="session")
def city_page(city_inputs):
    return build_report(city_inputs)


@pytest.fixture(scope="session")
def tower_inputs():
    tower = fakes.tacolneston(days=4)
    settings = fakes.fake_settings(tower, map_sectors=("gpp",), language="zh")
    batches = ("2014-01", "2014-02", "2014-03")
    return fakes.fake_inputs(tower, batches, certificate=False, settings=settings)


@pytest.fixture(scope="session")
def tower_page(tower_inputs):
    return build_report(tower_inputs)
