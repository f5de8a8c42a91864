"""Golden cases of torch.nn.attention.sdpa_kernel on the CPU, which has the kernels MATH and
FLASH_ATTENTION: what each allowed list of backends gives, or the error.
"""

import torch
from torch.nn.attention import SDPBackend, _cur_sdpa_kernel_backends, sdpa_kernel
from torch.nn.functional import scaled_dot_product_attention

from .tensors import encode

LISTS = [
    (["MATH"], False), (["FLASH_ATTENTION"], False), (["EFFICIENT_ATTENTION"], False), (["CUDNN_ATTENTION"], False),
    (["OVERRIDEABLE"], False), ([], False), (["MATH", "FLASH_ATTENTION"], False), (["MATH", "FLASH_ATTENTION"], True),
    (["CUDNN_ATTENTION", "EFFICIENT_ATTENTION"], True),
]


def cases():
    torch.manual_seed(0)
    x = torch.randn(2, 2, 5, 8)
    result = []
    for names, priority in LISTS:
        case = {"backends": names, "priority": priority, "x": encode(x), "y": None, "error": ""}
        with sdpa_kernel([getattr(SDPBackend, name) for name in names], set_priority=priority):
            case["enabled"] = [b.name for b in _cur_sdpa_kernel_backends(with_priority=True)]
            try:
                case["y"] = encode(scaled_dot_product_attention(x, x, x))
            except RuntimeError as error:
                case["error"] = str(error)
        result.append(case)
    return result
