"""One photograph becomes a camera flight through it.

    scene = kb3d.Scene("photo.jpg")
    kb3d.animate(scene, "out.mp4", motion="circle")
    for frame in kb3d.Path.auto(scene).frames(n=125, size=(1920, 1080)):
        ...
"""
from ._call import Cancel, Progress
from ._context import Context, ContextInfo, ModelInfo, default_context, probe
from ._errors import (ArgumentError, CancelledError, Error, FileError, FormatError, InternalError, LimitError, ModelError,
                      OutOfMemoryError, UnavailableError, UnsupportedError)
from ._library import API
from ._networks import TorchModel, version
from ._path import Frame, Frames, Path, Window
from ._pixels import Picture, Pixels
from ._png import png
from ._scene import Camera, Scene, SceneInfo
from ._video import Video, animate

__version__ = version()
__all__ = [
    "API", "ArgumentError", "Camera", "Cancel", "CancelledError", "Context", "ContextInfo", "Error", "FileError",
    "FormatError", "Frame", "Frames", "InternalError", "LimitError", "ModelError", "ModelInfo", "OutOfMemoryError",
    "Path", "Picture", "Pixels", "Progress", "Scene", "SceneInfo", "TorchModel", "UnavailableError",
    "UnsupportedError", "Video", "Window", "animate", "default_context", "png", "probe", "version",
]
