"""Reading of settings from the environment: secrets also from files, and every problem in one list."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

SECRETS = ("UMPIRE_KEYRING", "DATABASE_URL", "TEMPORAL_API_KEY", "UMPIRE_OIDC_CLIENT_SECRET")
"""Variables that may be given as a file: NAME_FILE names it, as secrets of containers are mounted."""


class SettingsError(ValueError):
    """Settings have unusable values. Each of the `problems` names a variable and what is expected, and no secret."""

    def __init__(self, *problems: str) -> None:
        self.problems = problems
        lines = "\n".join(f"  {problem}" for problem in problems)
        super().__init__(problems[0] if len(problems) == 1 else f"{len(problems)} settings cannot be used:\n{lines}")


class SettingsReader:
    """The variables of an environment. A variable that is set to nothing counts as not set."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        given = os.environ if environment is None else environment
        self._values = {name: value for name, value in given.items() if value}
        self.problems: list[str] = []
        for name in SECRETS:
            self._read_secret(name)

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def text(self, name: str, usual: str = "") -> str:
        """The value, or the usual one."""
        return self._values.get(name, usual)

    def choice(self, name: str, usual: str, among: Collection[str]) -> str:
        """The value in lower case, if it is one of these."""
        said = self.text(name, usual).lower()
        if said in among:
            return said
        return self.wrong(name, f"got '{said}'; expected {_list(sorted(among))}", usual)

    def whole(self, name: str, usual: int, least: int, most: int, what: str | None = None) -> int:
        """The value as a number from `least` to `most`; `what` describes it."""
        said = self.text(name, str(usual))
        if said.isascii() and said.isdecimal() and least <= int(said) <= most:
            return int(said)
        expected = what or f"a whole number from {least} to {most}"
        self.wrong(name, f"got '{said}'; expected {expected}", "")
        return usual

    def content(self, name: str, what: str) -> bytes | None:
        """The content of the file that the variable names; None when it is not set."""
        if name not in self:
            return None
        return self._read(name, what)

    def wrong(self, name: str, what: str, instead: str) -> str:
        """Note a problem; the value to go on with while the others are looked for."""
        self.problems.append(f"{name}: {what}")
        return instead

    def finish(self) -> None:
        """Raise SettingsError when there is any problem."""
        if self.problems:
            raise SettingsError(*dict.fromkeys(self.problems))

    def _read_secret(self, name: str) -> None:
        variable = f"{name}_FILE"
        if variable not in self._values:
            return
        if name in self._values:
            self.wrong(variable, f"{name} is set too; expected one of them", "")
            return
        found = self._read(variable, "a file that holds the value and can be read")
        if found is not None:
            try:
                self._values[name] = found.decode().strip()
            except UnicodeDecodeError:
                self.wrong(variable, "the file is no text", "")

    def _read(self, name: str, what: str) -> bytes | None:
        path = Path(self._values[name])
        try:
            found = path.read_bytes()
        except OSError as error:
            self.wrong(name, f"{path} cannot be read ({(error.strerror or 'error').lower()}); expected {what}", "")
            return None
        if not found.strip():
            self.wrong(name, f"{path} is empty; expected {what}", "")
            return None
        return found


def _list(values: Sequence[str]) -> str:
    return " or ".join(values) if len(values) < 3 else f"{', '.join(values[:-1])} or {values[-1]}"
