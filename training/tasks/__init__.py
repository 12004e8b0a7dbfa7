"""What a network of each role learns from, how its answer is judged, and by which loss. One loop trains them all.

A task has
    TERMS, FIGURES          names of the parts of its loss, and of the figures of its evaluation
    new_network(config)     the network to train; it groups its weights by learning rate (`groups`)
    new_sources(config)     name to source of samples, see data.py
    loss(network, batch, shares, generator)
                            the loss and its parts; `shares` says how much of each
    OUTPUT, LONG_SIDE       what an exported network's manifest says of its output, and the long side it is asked at
    new_validation(device)  an object whose score(network) gives (FIGURES as numbers, a line to print)
"""

from training.tasks import depth, refine

TASKS = {"depth": depth, "refine": refine}
