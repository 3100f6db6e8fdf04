"""Pages of PDFs and pictures are redrawn apart; a hostile or damaged file harms nothing and says so."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from web.pictures import pages
from web.pictures.pages import NotDrawable, PageDrawer, RecordForm, form_of_record


def pdf(sheets: int) -> bytes:
    out = io.BytesIO()
    first, *rest = [Image.new("RGB", (200, 260), (number * 40, 90, 120)) for number in range(sheets)]
    first.save(out, "PDF", save_all=True, append_images=rest)
    return out.getvalue()


async def test_a_page_of_a_pdf_is_a_picture_and_is_drawn_once(monkeypatch: pytest.MonkeyPatch) -> None:
    drawer = PageDrawer()
    drawn = await drawer.draw("d1", pdf(3), RecordForm.PDF, 2)
    assert drawn.count == 3 and Image.open(io.BytesIO(drawn.png)).format == "PNG"
    monkeypatch.setattr(pages, "_draw_apart", None)
    assert await drawer.draw("d1", b"", RecordForm.PDF, 2) is drawn


async def test_a_damaged_file_and_a_page_that_is_not_there_are_told_apart() -> None:
    drawer = PageDrawer()
    with pytest.raises(NotDrawable):
        await drawer.draw("d1", b"%PDF-1.7 broken", RecordForm.PDF, 1)
    with pytest.raises(LookupError):
        await drawer.draw("d2", pdf(1), RecordForm.PDF, 2)


async def test_a_picture_of_more_pixels_than_any_scan_is_not_drawn() -> None:
    bomb = io.BytesIO()
    Image.new("1", (12_000, 12_000)).save(bomb, "PNG")
    with pytest.raises(NotDrawable):
        await PageDrawer().draw("d1", bomb.getvalue(), RecordForm.IMAGE, 1)


async def test_a_file_on_which_the_reader_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "_PATIENCE", 0.0)
    with pytest.raises(NotDrawable):
        await PageDrawer().draw("d1", pdf(1), RecordForm.PDF, 1)


def test_the_first_bytes_say_what_a_file_is_and_its_sender_only_that_it_is_text() -> None:
    assert form_of_record(b"%PDF-1.4", is_text=True) is RecordForm.PDF
    assert form_of_record(b"\x89PNG\r\n\x1a\nxx", is_text=False) is RecordForm.IMAGE
    assert form_of_record(b"<html><script>", is_text=True) is RecordForm.TEXT
    assert form_of_record(b"PK\x03\x04", is_text=False) is RecordForm.OTHER
