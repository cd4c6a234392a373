"""For all tests."""

import os
import ssl
import subprocess

import pytest

pytest_plugins = ["pytester"]

# Files that take longest, of a minute or more down to ten seconds: shared out first (`--dist loadfile`), so that none is
# left for one worker at the end.
_LONGEST = (
    "self/test_faults", "faces/test_latency", "faces/test_answers_under_load", "faces/test_resume", "test_nightly",
    "faces/test_shared_runs", "parity/test_compare", "self/test_different", "self/test_replay",
    "parity/test_guide_of_parity", "faces/test_messages", "self/test_parity", "parity/test_kept", "self/test_clean",
    "test_guide", "test_readme", "report/test_markdown", "faces/test_pytest_face", "faces/test_cli", "parity/test_audits",
    "self/test_certificates", "faces/test_full_disk", "test_deepseek",
)  # fmt: skip


def pytest_configure(config):
    """Bytecode is kept for the interpreters that tests start: where the environment forbids it, in pytest's own cache.

    There are hundreds, and each would compile the whole of the package again.
    """
    cache = getattr(config, "cache", None)  # absent under `-p no:cacheprovider`
    if cache and os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
        os.environ["PYTHONPYCACHEPREFIX"] = str(cache.mkdir("bytecode"))
    config.option.loadscopereorder = False  # by default the files with most tests are first


def pytest_xdist_auto_num_workers():
    """One more than there are processors: a quarter of the time, tests wait for servers and their clocks."""
    return len(os.sched_getaffinity(0)) + 1


def pytest_collection_modifyitems(items):
    places = {f"tests/{name}.py": place for place, name in enumerate(_LONGEST)}
    items.sort(key=lambda each: places.get(each.nodeid.partition("::")[0], len(places)))


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """A key and a self-signed certificate for 127.0.0.1 (paths)."""
    folder = tmp_path_factory.mktemp("tls")
    key, certificate = folder / "key.pem", folder / "cert.pem"
    subprocess.run(
        [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "2",
            "-keyout",
            key,
            "-out",
            certificate,
            "-subj",
            "/CN=127.0.0.1",
            "-addext",
            "subjectAltName=IP:127.0.0.1",
            "-addext",
            "keyUsage=digitalSignature,keyCertSign",
        ],
        check=True,
        capture_output=True,
    )
    return key, certificate


@pytest.fixture
def server_tls(certificate):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate[1], certificate[0])
    return context
