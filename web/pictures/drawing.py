"""The process that draws a page of a PDF or picture: bytes on standard input, the number of pages and a PNG on standard output.

It runs alone, with limits on its time and memory, because a hostile file may make a reader of PDFs or pictures run wild.
Run as a file: `python drawing.py pdf|image PAGE` (from 1).
"""

from __future__ import annotations

import io
import resource
import struct
import sys
from typing import Any

SECONDS = 10
MEMORY = 1 << 30
WIDTH = 1400
MOST_PIXELS = 60_000_000
MOST_RATIO = 6
"""A page that is so many times as long as it is wide is drawn smaller."""
NO_SUCH_PAGE = 4
CANNOT_READ = 3


def main() -> int:
    """Draw; the exit code says what went wrong."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    kind, page = sys.argv[1], int(sys.argv[2])
    content = sys.stdin.buffer.read()
    try:
        count, picture = _draw_pdf(content, page) if kind == "pdf" else _draw_image(content, page)
    except IndexError:
        return NO_SUCH_PAGE
    except Exception:
        return CANNOT_READ
    out = io.BytesIO()
    picture.save(out, "PNG")
    sys.stdout.buffer.write(struct.pack(">I", count) + out.getvalue())
    sys.stdout.buffer.flush()
    return 0


def _draw_pdf(content: bytes, page: int) -> tuple[int, Any]:
    import pypdfium2

    document = pypdfium2.PdfDocument(content)
    count = len(document)
    if not 1 <= page <= count:
        raise IndexError(page)
    sheet = document[page - 1]
    width, height = sheet.get_size()
    scale = min(WIDTH / max(width, 1.0), MOST_RATIO * WIDTH / max(height, 1.0))
    return count, sheet.render(scale=scale).to_pil().convert("RGB").quantize(64)


def _draw_image(content: bytes, page: int) -> tuple[int, Any]:
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS // 2  # twice as many is an error
    picture: Any = Image.open(io.BytesIO(content), formats=("PNG", "JPEG", "GIF", "TIFF", "BMP", "WEBP"))
    count = getattr(picture, "n_frames", 1) if picture.format == "TIFF" else 1
    if not 1 <= page <= count:
        raise IndexError(page)
    picture.seek(page - 1)
    picture = ImageOps.exif_transpose(picture).convert("RGB")
    picture.thumbnail((WIDTH, MOST_RATIO * WIDTH))
    return count, picture


if __name__ == "__main__":
    sys.exit(main())
