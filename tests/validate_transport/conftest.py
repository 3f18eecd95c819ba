"""A folder for the planted copy; after the last test the certificate, where CERTIFICATE names its folder."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def planted_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("planted")
    yield folder
    if os.environ.get("CERTIFICATE"):
        from certificate import write_certificate

        write_certificate(Path(os.environ["CERTIFICATE"]), folder)
