"""One file from a stranger: kept in memory up to a limit, never on disk; what is beyond is read and dropped.

It is read, since a browser that is cut off while it sends shows an error of its own and not ours.
"""

from __future__ import annotations

from io import BytesIO
from typing import Any, Final

from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest

#: Bytes of a whole body that is worth reading to say in words what is wrong with it.
MAX_BODY: Final = 16 * 1024 * 1024


class CappedUploadHandler(FileUploadHandler):
    """Keeps the first file if it has at most ``limit`` bytes. Of a larger one only the size is known: it comes out
    empty, its ``size`` true.
    """

    def __init__(self, request: HttpRequest, *, limit: int) -> None:
        super().__init__(request)
        self.limit, self.size, self.content = limit, 0, BytesIO()
        self.has_file = False

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Take the first file; skip the others."""
        if self.has_file:
            raise SkipFile
        self.has_file = True
        super().new_file(*args, **kwargs)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Keep or count."""
        self.size = start + len(raw_data)
        if self.size <= self.limit:
            self.content.write(raw_data)

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        """Return the file."""
        kept = self.content if file_size <= self.limit else BytesIO()
        kept.seek(0)
        return InMemoryUploadedFile(
            file=kept,
            field_name=self.field_name,
            name=self.file_name or "",
            content_type=self.content_type,
            size=file_size,
            charset=self.charset,
            content_type_extra=self.content_type_extra,
        )


def announced_bytes(request: HttpRequest) -> int | None:
    """Return how long the body says it is, ``None`` if that is no number. Without a length it is empty to WSGI."""
    announced = request.headers.get("content-length") or "0"
    return int(announced) if announced.isascii() and announced.isdigit() and len(announced) < 20 else None


def cap_upload(request: HttpRequest, *, limit: int) -> None:
    """Take one file of at most ``limit`` bytes from this request; to be called before anything reads the body."""
    request.upload_handlers = [CappedUploadHandler(request, limit=limit)]
