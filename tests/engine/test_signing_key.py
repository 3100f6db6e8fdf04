"""The signing key is its owner's alone, and its public half tells what it signed from everything else."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.errors import NotReadable, Refused
from engine import signing_key


def test_a_new_key_is_for_its_owner_alone_and_is_not_made_twice(tmp_path: Path) -> None:
    path = tmp_path / "home" / "key.pem"
    made, is_new = signing_key.load_or_create(path)
    again, is_new_again = signing_key.load_or_create(path)
    assert (is_new, is_new_again) == (True, False) and made.public_pem == again.public_pem
    assert [each.name for each in path.parent.iterdir()] == ["key.pem"], "no copy of the key is left behind"
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_the_public_key_knows_what_was_signed_and_nothing_else(tmp_path: Path) -> None:
    key, _ = signing_key.load_or_create(tmp_path / "key.pem")
    other, _ = signing_key.load_or_create(tmp_path / "other.pem")
    (tmp_path / "public.pem").write_text(key.public_pem)
    public = signing_key.load_public(tmp_path / "public.pem")
    assert public.is_signature_of(key.sign(b"heads"), b"heads")
    for signature, content in ((key.sign(b"heads"), b"other heads"), (other.sign(b"heads"), b"heads"), (b"", b"heads")):
        assert not public.is_signature_of(signature, content)


def test_a_key_that_others_can_read_signs_nothing(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    signing_key.load_or_create(path)
    path.chmod(0o640)
    with pytest.raises(Refused, match=r"0640"):
        signing_key.load_or_create(path)


def test_a_file_without_the_right_key_is_not_read_and_its_content_not_told(tmp_path: Path) -> None:
    key, _ = signing_key.load_or_create(tmp_path / "key.pem")
    wrong = tmp_path / "wrong.pem"
    wrong.write_text("a secret of somebody else")
    wrong.chmod(0o600)
    (tmp_path / "public.pem").write_text(key.public_pem)
    (tmp_path / "public.pem").chmod(0o600)
    for load in (
        lambda: signing_key.load_or_create(wrong),
        lambda: signing_key.load_or_create(tmp_path / "public.pem"),
        lambda: signing_key.load_public(wrong),
        lambda: signing_key.load_public(tmp_path / "key.pem"),
        lambda: signing_key.load_public(tmp_path / "missing.pem"),
    ):
        with pytest.raises(NotReadable) as told:
            load()
        assert "secret" not in str(told.value) and "pem" in str(told.value)
