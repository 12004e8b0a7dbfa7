"""A network of torch in Python, for depth: torch_network.py PICTURE FRAME.png

Any function from tensors to tensors does. This one guesses depth; put your own module in its place. The second
context runs the network that ships with kb3d by this Python's torch too: no module, no worker, one libtorch.
"""
import sys

import torch

import kb3d

# How the picture is brought to the network, and what its answer means: docs/models.md.
MANIFEST = {"kb3d_manifest": 1, "role": "depth", "name": "lower and plainer is nearer",
            "input": {"order": "rgb", "size": {"long_side": 384, "multiple": 32}}, "output": "affine_inverse_depth"}


class Guess(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.blur = torch.nn.AvgPool2d(9, 1, 4)

    def forward(self, picture):  # 1x3xHxW to 1x1xHxW
        grey = picture.mean(1, keepdim=True)
        detail = self.blur((grey - self.blur(grey)).abs())
        lower = torch.linspace(0, 1, grey.shape[2])[None, None, :, None]
        return lower + 0 * grey - detail


def depth_of(picture):
    """Arrays come from kb3d; tensors go back as they are."""
    with torch.no_grad():
        return guess(torch.from_dlpack(picture))


guess = Guess().eval()
context = kb3d.Context(model_path=[])
context.add_model("depth", depth_of, MANIFEST)
scene = kb3d.Scene(sys.argv[1], context=context)
print(scene, scene.model("depth").name, "torch", torch.__version__)

shipped = kb3d.Scene(sys.argv[1], context=kb3d.Context(networks="torch"))
print(shipped, "%.0f ms" % shipped.model("depth").last_ms)

# Frames into a tensor, which may also be pinned memory.
frame = torch.empty(*reversed(shipped.frame_size(480)), 3, dtype=torch.uint8)
path = kb3d.Path.auto(shipped)
path.prepare(shipped.frame_size(480))
path.render(0.5, out=frame)
with open(sys.argv[2], "wb") as file:
    file.write(kb3d.png(frame))
