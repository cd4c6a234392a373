"""Clients of other versions, installed once in a folder of their own: with pip, from a wheel of ours."""

import sys
import zipfile

import pytest

from conformance.clients.environment import environment
from conformance.clients.playback import Player, play
from conformance.errors import HarnessError, UsageError

PIP = [sys.executable, "-m", "pip"]
OPENAI = "__version__ = '9.1'\nclass OpenAI:\n    def __init__(self, **_): pass\n"


@pytest.fixture
def index(tmp_path, monkeypatch):
    """The only place where pip looks: it has openai 9.1, and nothing else."""
    folder = tmp_path / "index"
    folder.mkdir()
    about = "openai-9.1.dist-info"
    with zipfile.ZipFile(folder / "openai-9.1-py3-none-any.whl", "w") as wheel:
        wheel.writestr("openai.py", OPENAI)
        wheel.writestr(f"{about}/METADATA", "Metadata-Version: 2.1\nName: openai\nVersion: 9.1\n")
        wheel.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{about}/RECORD", "")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    for name in ("PIP_CONSTRAINT", "PIP_EXTRA_INDEX_URL", "PIP_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    return folder


def test_it_is_installed_once_and_played_alone(tmp_path, index):
    said = []
    first = environment("openai==9.1", folder=tmp_path, tell=said.append)
    again = environment("openai==9.1", folder=tmp_path, installer=["/no/such/pip"], tell=said.append)

    assert first == again
    assert len(said) == 1
    assert play([], Player(python=sys.executable, packages=first))[0].version == "9.1"


def test_what_cannot_be_had_says_why_and_leaves_nothing_half(tmp_path, index):
    with pytest.raises(HarnessError, match=r"openai==9\.9 cannot be installed: ERROR: No matching"):
        environment("openai==9.9", folder=tmp_path, installer=PIP)

    assert [one for one in (tmp_path / "clients").iterdir() if one.suffix != ".lock"] == []


def test_a_folder_that_cannot_be_is_named(tmp_path):
    (tmp_path / "clients").write_text("in the way")

    with pytest.raises(HarnessError, match=r"cannot keep openai==9\.1"):
        environment("openai==9.1", folder=tmp_path)


@pytest.mark.parametrize("name", ["openai>=2", "anthropic==1.0", "openai==../x", "openai==-r"])
def test_only_one_version_of_openai_can_be_named(tmp_path, name):
    with pytest.raises(UsageError, match="openai==2"):
        environment(name, folder=tmp_path)
