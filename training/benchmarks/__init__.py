"""Published benchmarks of depth and of views, for those who have their files.

    python -m training.benchmarks nyu nyu_depth_v2_labeled.mat splits.mat MODEL ...
    python -m training.benchmarks ibims ibims1_core_mat MODEL ...
    python -m training.benchmarks stereo LEFT RIGHT DISPARITY [MODEL ...]

MODEL as training.evaluate takes it; for `stereo` as training.inpainting does, beside the classical fill.
"""
