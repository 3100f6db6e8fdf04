"""Pages of PDFs and pictures are redrawn apart; a hostile or damaged file harms nothing and says so."""

from __future__ import annotations

import io
import zlib

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from web.pictures import drawing, pages
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


def bare_pdf(content: bytes, size: str = "[0 0 612 792]", more: str = "", pages: int = 1) -> bytes:
    """A PDF of one sheet whose stream is packed."""
    packed = zlib.compress(content, 9)
    kids = " ".join(["3 0 R"] * pages)
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{kids}]/Count {pages}>>".encode(),
        f"<</Type/Page/Parent 2 0 R/MediaBox{size}{more}/Contents 4 0 R/Resources<<>>>>".encode(),
        f"<</Length {len(packed)}/Filter/FlateDecode>>stream\n".encode() + packed + b"\nendstream",
    ]
    body, places = b"%PDF-1.7\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(body))
        body += b"%d 0 obj" % number + part + b"endobj\n"
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return (
        body
        + b"xref\n0 5\n0000000000 65535 f \n"
        + table
        + b"trailer<</Size 5/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % len(body)
    )


@pytest.mark.parametrize(
    "size", ["[0 0 1 200000]", "[0 0 200000 1]", "[0 0 14400 14400]", "[0 0 0 0]", "[0 0 1e30 1e30]"]
)
async def test_a_sheet_of_any_size_is_drawn_no_larger_than_a_page_or_not_at_all(size: str) -> None:
    try:
        drawn = await PageDrawer().draw(size, bare_pdf(b"0 0 9 9 re f", size), RecordForm.PDF, 1)
    except NotDrawable:
        return
    width, height = Image.open(io.BytesIO(drawn.png)).size
    assert width <= drawing.WIDTH + 1 and height <= drawing.MOST_RATIO * drawing.WIDTH + 1


async def test_a_pdf_that_unpacks_to_more_than_its_memory_or_never_ends_drawing_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The limits of the process hold: neither file draws, and the drawer draws the next one."""
    drawer = PageDrawer()
    bomb = bare_pdf(b"0 0 9 9 re f\n" * 30_000_000)
    assert len(bomb) < 5_000_000
    with pytest.raises(NotDrawable):
        await drawer.draw("bomb", bomb, RecordForm.PDF, 1)
    assert (await drawer.draw("next", pdf(1), RecordForm.PDF, 1)).count == 1


async def test_text_and_frames_that_swell_a_picture_are_not_unpacked() -> None:
    swollen, told = io.BytesIO(), PngInfo()
    told.add_text("Comment", "a" * 80_000_000, zip=True)
    Image.new("1", (9, 9)).save(swollen, "PNG", pnginfo=told)
    with pytest.raises(NotDrawable):
        await PageDrawer().draw("text", swollen.getvalue(), RecordForm.IMAGE, 1)
    wide = io.BytesIO()
    Image.new("1", (59_000_000, 1)).save(wide, "PNG")
    drawn = await PageDrawer().draw("wide", wide.getvalue(), RecordForm.IMAGE, 1)
    assert Image.open(io.BytesIO(drawn.png)).width <= drawing.WIDTH


async def test_the_page_that_a_browser_asks_for_is_one_that_a_file_can_have() -> None:
    for page in (0, -1, 10**9):
        with pytest.raises(LookupError):
            await PageDrawer().draw("d", bare_pdf(b"", pages=3), RecordForm.PDF, page)
