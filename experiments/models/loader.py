"""Batches of prepared clips, decoded ahead of the model by a few threads.

Decoding (FFmpeg) and resizing (OpenCV) give up the interpreter's lock, so that threads suffice and frames need not be
sent between processes. A clip's frames stay the decoder's uint8 array until the batch is put together, which is the
one copy. At most `AHEAD` batches are under way, whatever the number of clips: memory stays flat.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import torch

from experiments.models.preprocess import collate

AHEAD = 2  # batches that are read while the model works on one
WORKERS = 2
Id = TypeVar("Id")


def batches(
    ids: Iterable[Id], prepare: Callable[[Id], torch.Tensor], size: Callable[[], int], *, workers: int = WORKERS
) -> Iterator[tuple[list[Id], torch.Tensor]]:
    """(ids, (B, *shape)) in the order of `ids`. prepare: a clip's input by its id, called in other threads.

    size: how many clips the next batch is to hold; asked before every batch, since a device may run out of memory.
    """
    with ThreadPoolExecutor(workers) as pool:
        waiting: deque[tuple[Id, Future]] = deque()
        rest = iter(ids)
        try:
            while True:
                count = size()
                for clip_id in rest:
                    waiting.append((clip_id, pool.submit(prepare, clip_id)))
                    if len(waiting) >= count * (1 + AHEAD):
                        break
                if not waiting:
                    return
                part = [waiting.popleft() for _ in range(min(count, len(waiting)))]
                yield [clip_id for clip_id, _ in part], collate([future.result() for _, future in part])
        finally:
            for _, future in waiting:
                future.cancel()
