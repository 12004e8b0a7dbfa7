"""A TorchScript file, such as the one that ships, in a process of its own: worker_network.py PICTURE FRAME.png [MODEL.pt]

Whatever the network does there, this Python goes on, with its own torch or without.
"""
import sys

import kb3d

context = kb3d.Context(networks="worker", worker_memory_limit=4 << 30, worker_time_limit_ms=60000)
if len(sys.argv) > 3:
    context.add_model("depth", sys.argv[3])
scene = kb3d.Scene(sys.argv[1], context=context)
print(scene, scene.model("depth").runtime)
path = kb3d.Path.circle(scene)
path.prepare(scene.frame_size(480))
with open(sys.argv[2], "wb") as file:
    file.write(kb3d.png(path.render(0.25, scene.frame_size(480))))
