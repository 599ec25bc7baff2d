"""The Warp kernels of the stage's renderer; imported only once a renderer is made."""

import warp as wp

wp.config.log_level = wp.LOG_ERROR  # a machine without a CUDA driver is no news
