"""A network of ONNX Runtime for depth: onnx_network.py PICTURE MODEL.onnx FRAME.png

The model takes a picture as 1x3xHxW floats and answers inverse depth as 1x1xHxW.
"""
import sys

import onnxruntime

import kb3d

# How the picture is brought to the network, and what its answer means: docs/models.md.
MANIFEST = {"kb3d_manifest": 1, "role": "depth", "name": "a model of ONNX",
            "input": {"order": "rgb", "size": {"long_side": 384, "multiple": 32}}, "output": "affine_inverse_depth"}

session = onnxruntime.InferenceSession(sys.argv[2], providers=["CPUExecutionProvider"])
name = session.get_inputs()[0].name

context = kb3d.Context(model_path=[])
context.add_model("depth", lambda picture: session.run(None, {name: picture}), MANIFEST)
scene = kb3d.Scene(sys.argv[1], context=context)
print(scene, scene.model("depth").name)
path = kb3d.Path.auto(scene)
path.prepare(scene.frame_size(480))
with open(sys.argv[3], "wb") as file:
    file.write(kb3d.png(path.render(0.5, scene.frame_size(480))))
