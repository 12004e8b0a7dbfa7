"""What a network of each role learns from, how its answer is judged, and by which loss. One loop trains them all.

A task has
    FIGURES                 names of the figures of its evaluation
    new_network(config)     the network to train; it groups its weights by learning rate (`groups`)
    new_sources(config)     name to source of samples, see data.py
    loss(network, batch, shares, run)
                            the loss and its parts; `shares` says how much of each; `run` has the configuration,
                            this step's generator of random numbers, and the rival, if there is one
    MANIFEST, LONG_SIDE     an exported network's source and output, as its manifest tells them, and its long side
    finish(network)         the network as it ships
    new_validation(config, device)
                            an object whose score(network) gives (FIGURES as numbers, a line to print)
"""

from training.tasks import depth, estimation, inpaint, inpainting, refine, refinement, segment

TASKS = {
    "depth": depth,
    "inpaint": inpaint,
    "refine": refine,
    "segment": segment,
    # The modes of 3D Ken Burns and Improved 3D Ken Burns, for the published networks.
    "estimation": estimation,
    "refinement": refinement,
    "inpainting": inpainting,
}
