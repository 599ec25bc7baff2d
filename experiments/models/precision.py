"""Number formats and where they are fast."""

from __future__ import annotations

import torch


def best_precision(device: str) -> str:
    """bfloat16 where the device multiplies it fast (AVX512-BF16, AMX, tensor cores), else float32."""
    fast = torch.ops.mkldnn._is_mkldnn_bf16_supported() if device == "cpu" else torch.cuda.is_bf16_supported()
    return "bfloat16" if fast else "float32"
