"""The settings of the tests: those of the product in test mode, with files in a folder that is thrown away."""

import atexit
import os
import shutil
import tempfile

_folder = tempfile.mkdtemp(prefix="safeguarding-test-")
atexit.register(shutil.rmtree, _folder, ignore_errors=True)
os.environ["SAFEGUARDING_MODE"] = "test"
os.environ["SAFEGUARDING_VAR_DIR"] = _folder
for _name in ("SAFEGUARDING_KEYS_DIR", "SAFEGUARDING_CARD_FILE", "SAFEGUARDING_EMAIL_HOST"):
    os.environ.pop(_name, None)

from safeguarding.settings import *  # noqa: E402, F403 - the environment has to be set first


class _Undefined(str):
    """Stands for a variable that a template names and nobody supplied: using it fails the test."""

    def __mod__(self, name: object) -> str:
        raise AssertionError(f"A template uses a variable that is not there: {name}")


TEMPLATES[0]["OPTIONS"]["string_if_invalid"] = _Undefined("%s")  # type: ignore[index]  # noqa: F405
